using System.Globalization;
using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>
/// A recording, put right where JS shows of a task what Weft by rule does not: interrupts and errors that it had before
/// it finished; that a function was aborted when its task failed; as an error, that a task gave a command to the
/// parent. And with the graph inside, which JS leaves out of a task that ever failed.
/// </summary>
internal static class Recorded
{
    public static JsonObject Whole(JsonObject recording)
    {
        var trace = TraceIds.Name(recording);
        return Correct(trace, trace["histories"]!.AsObject());
    }

    /// <summary>The same without subgraphs: where nothing else is noted, what the root streamed.</summary>
    public static JsonObject WithoutSubgraphs(JsonObject recording)
    {
        var outer = recording.DeepClone().AsObject();
        var own = outer["withoutSubgraphs"]!.AsObject();
        outer["histories"] = new JsonObject();
        foreach (var (step, i) in outer["steps"]!.AsArray().Select((step, i) => (step!, i)))
        {
            step["head"] = null;
            step["deepHead"] = null;
            step["stream"] = own[i.ToString(CultureInfo.InvariantCulture)] is JsonArray parts
                ? new JsonArray([.. parts.Select(part => new JsonArray(new JsonArray(), part![0]!.DeepClone(), part[1]?.DeepClone()))])
                : new JsonArray(
                    [.. step["stream"]!.AsArray().Where(part => part![0]!.AsArray().Count == 0).Select(part => part!.DeepClone())]);
        }

        return Correct(TraceIds.Name(outer), TraceIds.Name(recording)["histories"]!.AsObject());
    }

    private static JsonObject Correct(JsonObject trace, JsonObject histories)
    {
        LeaveOutCommandsToParent(trace);
        foreach (var history in trace["histories"]!.AsObject().Select(history => history.Value).OfType<JsonArray>())
        {
            Finish(trace, history);
            foreach (var state in history)
            {
                PutInside(state, histories, Reference);
            }
        }

        foreach (var step in trace["steps"]!.AsArray())
        {
            PutInside(step!["head"], histories, Reference);
            PutInside(step["deepHead"], histories, (_, inside) => inside[0]!.DeepClone());
            foreach (var part in step["stream"]!.AsArray().Where(part => part![1]!.ToString() == "checkpoints"))
            {
                PutInside(part![2], histories, Reference);
            }
        }

        if (trace["steps"]!.AsArray().Select(step => step!["error"]?["message"]).FirstOrDefault(message => message is not null) is { } why)
        {
            Abort(trace, why.ToString());
        }

        return trace;
    }

    private static void LeaveOutCommandsToParent(JsonObject trace)
    {
        foreach (var stream in trace["steps"]!.AsArray().Select(step => step!["stream"]!.AsArray()))
        {
            for (var i = stream.Count - 1; i >= 0; i--)
            {
                if (stream[i]![1]!.ToString() == "tasks" && IsCommandToParent(stream[i]![2]!["error"]))
                {
                    // The result, and the debug part of it.
                    stream.RemoveRange(i, 2);
                }
            }
        }

        foreach (var task in trace["histories"]!.AsObject().SelectMany(history => history.Value as JsonArray ?? []).SelectMany(state => state!["tasks"] as JsonArray ?? []))
        {
            task!["error"] = IsCommandToParent(task["error"]) ? null : task["error"]?.DeepClone();
        }
    }

    private static bool IsCommandToParent(JsonNode? error) => error is JsonObject thrown && thrown["name"]?.ToString() == "ParentCommand";

    private static JsonNode?[] Inside(JsonNode? told) => told switch
    {
        JsonObject members => [.. members.Select(member => member.Value)],
        JsonArray items => [.. items],
        _ => [],
    };

    /// <summary>
    /// Tasks whose superstep ended have nothing left of what they were before. Where not all checkpoints are kept it
    /// can't be told.
    /// </summary>
    private static void Finish(JsonObject trace, JsonArray history)
    {
        if (trace["steps"]!.AsArray().Any(step => step!["op"]!["durability"]?.ToString() == "exit"))
        {
            return;
        }

        var ended = history.Where(state => state!["metadata"]!["source"]!.ToString() == "loop")
            .Select(state => state!["parent"]?.ToString())
            .ToHashSet();
        foreach (var task in history.Where(state => ended.Contains(state!["checkpoint"]!.ToString())).SelectMany(state => state!["tasks"] as JsonArray ?? []))
        {
            task!["interrupts"] = new JsonArray();
            task["error"] = null;
        }
    }

    private static JsonObject Reference(string ns, JsonArray inside) => new() { ["ns"] = ns };

    private static void PutInside(JsonNode? state, JsonObject histories, Func<string, JsonArray, JsonNode> make)
    {
        foreach (var task in (state?["tasks"] as JsonArray ?? []).Where(task => task!["state"] is null))
        {
            if (histories.FirstOrDefault(inside => inside.Key.EndsWith($"{task!["name"]}:{task["id"]}", StringComparison.Ordinal)) is { Key: { } ns, Value: JsonArray inside }
                && IsDeclared(inside))
            {
                task!["state"] = make(ns, inside);
            }
        }
    }

    /// <summary>Whether the states are those of a graph that its node names.</summary>
    private static bool IsDeclared(JsonArray states) => states.All(state => state!["tasks"] is not null);

    private static void Abort(JsonNode? told, string why)
    {
        foreach (var inside in Inside(told))
        {
            Abort(inside, why);
        }

        if (told is JsonObject error && error["name"]?.ToString() == "AbortError")
        {
            error["message"] = why;
        }
    }
}
