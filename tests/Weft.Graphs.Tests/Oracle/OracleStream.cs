using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>Streams of both sides in one form, a line an event.</summary>
internal static class OracleStream
{
    /// <summary>
    /// docs/protocol/streaming.md D3: a pause is one event of the full state with all interrupts. JS sends the interrupts of
    /// each task alone, and what finished siblings wrote in one more event; the full state is that of the head.
    /// </summary>
    public static IEnumerable<string> Theirs(JsonArray stream, JsonNode? head)
    {
        var parts = stream.Select(part => (Mode: part!["mode"]!.ToString(), Data: part["data"]!)).ToList();
        var pause = parts.FindIndex(IsPause);
        if (pause >= 0)
        {
            var state = head!["values"]!.DeepClone();
            state["__interrupt__"] = new JsonArray(
                [.. parts.Where(IsPause).SelectMany(part => part.Data["__interrupt__"]!.AsArray()).Select(interrupt => interrupt!.DeepClone())]);
            parts = [.. parts.Where((part, index) => index < pause || part.Mode != "values"), ("values", state)];
        }

        return Arrange(parts);
    }

    public static IEnumerable<string> Ours(IEnumerable<(StreamMode Mode, string Json)> parts) =>
        Arrange(
            parts.Select(part => (part.Mode == StreamMode.MessagesTuple ? "messages" : part.Mode.ToString().ToLowerInvariant(), JsonNode.Parse(part.Json)!)));

    /// <summary>What tasks of one superstep send comes in the order in which they finish, so here in any.</summary>
    private static List<string> Arrange(IEnumerable<(string Mode, JsonNode Data)> parts)
    {
        var lines = new List<string>();
        var ofSuperstep = new List<string>();
        foreach (var (mode, data) in parts)
        {
            if (mode == "values")
            {
                lines.AddRange(ofSuperstep.Order(StringComparer.Ordinal));
                ofSuperstep.Clear();
                lines.Add($"values {OracleJson.Write(OracleJson.WithoutIds(data))}");
            }
            else
            {
                ofSuperstep.Add($"{mode} {OracleJson.Write(mode switch
                {
                    "updates" => OracleJson.WithoutIds(OracleJson.NothingAsNull(data)),
                    "messages" => OracleJson.MessageTuple(data),
                    _ => data,
                })}");
            }
        }

        return [.. lines, .. ofSuperstep.Order(StringComparer.Ordinal)];
    }

    private static bool IsPause((string Mode, JsonNode Data) part) =>
        part is { Mode: "values", Data: JsonObject { Count: 1 } state } && state.ContainsKey("__interrupt__");
}
