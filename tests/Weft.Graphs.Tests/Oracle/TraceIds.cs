using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>
/// Ids that both sides have, whatever they made them of: a checkpoint is its place in its namespace, a task the node and
/// the checkpoint that it runs on, an interrupt the task that asks.
/// </summary>
internal static partial class TraceIds
{
    public static JsonObject Name(JsonObject trace)
    {
        var places = Places(trace);
        var text = UuidText()
            .Replace(trace.ToJsonString(), quoted => places.TryGetValue(quoted.Groups[1].Value, out var place) ? place : quoted.Value);
        trace = JsonNode.Parse(text)!.AsObject();
        var tasks = Tasks(trace);
        text = TaskId().Replace(text, id => tasks.GetValueOrDefault(id.Value, "other"));
        var interrupts = Interrupts(JsonNode.Parse(text)!.AsObject());
        return JsonNode.Parse(InterruptId().Replace(text, id => interrupts.GetValueOrDefault(id.Value, "an interrupt")))!.AsObject();
    }

    /// <summary>Only Weft's need it: recordings have them.</summary>
    private static Dictionary<string, string> Places(JsonObject trace)
    {
        var ids = new Dictionary<string, SortedSet<string>>();
        foreach (var snapshot in Snapshots(trace))
        {
            Add(snapshot["ns"]!.ToString(), snapshot["checkpoint"]);
        }

        foreach (var part in Parts(trace).Where(part => part[1]!.ToString() == "checkpoints"))
        {
            var ns = string.Join('|', part[0]!.AsArray());
            if (ns.Length > 0 && trace["histories"]![ns] is null)
            {
                Add(ns, part[2]!["checkpoint"]);
            }
        }

        return ids.Values.SelectMany(ofNamespace => ofNamespace.Select((id, place) => (id, place)))
            .ToDictionary(pair => pair.id, pair => pair.place.ToString(CultureInfo.InvariantCulture));

        void Add(string ns, JsonNode? id)
        {
            if (id is JsonValue value && value.TryGetValue<string>(out var text))
            {
                ids.TryAdd(ns, new SortedSet<string>(StringComparer.Ordinal));
                ids[ns].Add(text);
            }
        }
    }

    /// <summary>Checkpoints that are told of and not kept have no place; there the step has to do.</summary>
    private static Dictionary<string, string> Tasks(JsonObject trace)
    {
        var names = new Dictionary<string, string>();
        var place = trace["steps"]!.AsArray().Any(step => step!["op"]!["durability"]?.ToString() == "exit")
            ? (Func<JsonObject, string>)(state => $"step {state["metadata"]?["step"]}")
            : state => $"{state["checkpoint"]}";
        foreach (var snapshot in Snapshots(trace).Concat(Parts(trace).Where(part => part[1]!.ToString() == "checkpoints").Select(part => part[2]!.AsObject())))
        {
            foreach (var task in snapshot["tasks"]!.AsArray())
            {
                Add(
                    task!,
                    $"{task!["name"]}@{place(snapshot)}{(task["path"]![0]!.ToString() == "__pregel_push" ? $"/{task["path"]![1]}" : "")}");
            }
        }

        // Those of no checkpoint that is left, by their order.
        var counts = new Dictionary<string, int>();
        foreach (var task in Parts(trace).Where(part => part[1]!.ToString() == "tasks" && !names.ContainsKey(part[2]!["id"]!.ToString())).Select(part => part[2]!).ToList())
        {
            if (!names.ContainsKey(task["id"]!.ToString()))
            {
                var name = task["name"]!.ToString();
                counts[name] = counts.GetValueOrDefault(name) + 1;
                Add(task, $"{name}~{counts[name]}");
            }
        }

        return names;

        void Add(JsonNode task, string name) => names.TryAdd(task["id"]!.ToString(), name);
    }

    /// <summary>G4: all questions of a task have one id. In JS the second and later ones have ids of their own.</summary>
    private static Dictionary<string, string> Interrupts(JsonObject trace)
    {
        var names = new Dictionary<string, string>();
        foreach (var task in Parts(trace).Where(part => part[1]!.ToString() == "tasks").Select(part => part[2]!))
        {
            foreach (var interrupt in task["interrupts"]!.AsArray())
            {
                // The task that asks tells it before those around it do.
                names.TryAdd(interrupt!["id"]!.ToString(), $"?{task["id"]}");
            }
        }

        return names;
    }

    private static IEnumerable<JsonObject> Snapshots(JsonObject trace) =>
        trace["steps"]!.AsArray().SelectMany(step => new[] { step!["head"], step["deepHead"] })
            .Concat(trace["histories"]!.AsObject().Select(history => history.Value).OfType<JsonArray>().SelectMany(history => history))
            .OfType<JsonObject>().Where(snapshot => snapshot["tasks"] is not null).SelectMany(WithNested);

    private static IEnumerable<JsonObject> WithNested(JsonObject snapshot) =>
        snapshot["tasks"]!.AsArray()
            .Select(task => task!["state"])
            .OfType<JsonObject>()
            .Where(state => state["tasks"] is not null)
            .SelectMany(WithNested)
            .Prepend(snapshot);

    private static IEnumerable<JsonArray> Parts(JsonObject trace) =>
        trace["steps"]!.AsArray().SelectMany(step => step!["stream"]!.AsArray()).Select(part => part!.AsArray());

    [GeneratedRegex("\"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\"")]
    private static partial Regex UuidText();

    [GeneratedRegex(@"\btask-\d+\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex TaskId();

    [GeneratedRegex(@"\binterrupt-\d+\b|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")]
    private static partial Regex InterruptId();
}
