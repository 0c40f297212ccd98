using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The order of a stream's parts, across modes and namespaces.</summary>
internal static class TraceOrder
{
    /// <summary>
    /// Whether tasks run one after the other, but for those around them; else the order is one of several.
    /// </summary>
    public static bool IsOne(JsonArray stream)
    {
        var running = new Stack<string>();
        foreach (var (ns, task) in stream.Where(part => part![1]!.ToString() == "tasks").Select(part => (string.Join('|', part![0]!.AsArray()), part[2]!)))
        {
            if (task["triggers"] is not null)
            {
                if (running.TryPeek(out var around) && (around == ns || around != Around(ns)))
                {
                    return false;
                }

                running.Push(ns);
            }
            else if (!running.TryPop(out var innermost) || innermost != ns)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The namespace of the task that a graph runs in; a number behind a task counts its graphs.</summary>
    private static string Around(string ns)
    {
        var segments = ns.Split('|');
        return string.Join('|', segments[..^(segments[^1].Contains(':', StringComparison.Ordinal) ? 1 : Math.Min(2, segments.Length))]);
    }

    /// <summary>
    /// The parts by mode and whom they are about. The values of a pause come in JS with each question, here at the end
    /// (D3).
    /// </summary>
    public static IEnumerable<string> Of(JsonArray stream) => stream
        .Where(part => part![1]!.ToString() != "values" || part[2] is not JsonObject state || !state.ContainsKey("__interrupt__"))
        .Select(part => $"[{string.Join('|', part![0]!.AsArray())}] {part[1]} {About(part[1]!.ToString(), part[2])}");

    private static string About(string mode, JsonNode? data) => mode switch
    {
        "tasks" => $"{data!["id"]} {(data["triggers"] is null ? "result" : "start")}",
        "updates" => string.Join(' ', data!.AsObject().Select(member => member.Key)),
        "debug" => data!["type"]!.ToString(),
        _ => "",
    };
}
