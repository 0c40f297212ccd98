using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>States of both sides in one form.</summary>
internal static class OracleState
{
    public static string Theirs(JsonNode state) => Line(
        state["checkpoint"]!.GetValue<int>(),
        state["parent"]!.GetValue<int>(),
        state["values"],
        state["metadata"]!,
        state["next"]!.AsArray(),
        state["tasks"]!.AsArray());

    public static IEnumerable<string> Ours(IReadOnlyList<StateSnapshot> history)
    {
        var ids = history.Select(state => state.Checkpoint.Id).Reverse().ToList();
        return history.Select(state => Line(
            ids.IndexOf(state.Checkpoint.Id),
            state.Checkpoint.ParentId is { } parent ? ids.IndexOf(parent) : -1,
            JsonNode.Parse(state.Json()),
            JsonNode.Parse(state.Checkpoint.Metadata)!,
            new JsonArray([.. state.Next.Select(node => JsonValue.Create(node))]),
            JsonNode.Parse(state.Tasks())!.AsArray()));
    }

    /// <summary>
    /// docs/protocol/state.md E4: the head's values are those of the last superstep that ended, and <c>next</c> lists
    /// all of the open one. JS adds the writes of tasks that finished and leaves tasks out of <c>next</c> that finished
    /// or have an answer, so both are not compared where there are some.
    /// </summary>
    public static (string Theirs, string Ours) Heads(JsonNode theirs, IReadOnlyList<StateSnapshot> history)
    {
        var ours = Ours(history).First();
        var line = Theirs(theirs);
        return theirs["tasks"]!.AsArray().Count != theirs["next"]!.AsArray().Count
            ? (WithoutFirstLine(line), WithoutFirstLine(ours))
            : (line, ours);
    }

    private static string WithoutFirstLine(string text) => text[text.IndexOf('\n', StringComparison.Ordinal)..];

    private static string Line(int checkpoint, int parent, JsonNode? values, JsonNode metadata, JsonArray next, JsonArray tasks) =>
        $"{checkpoint}<-{parent} {metadata["source"]} {metadata["step"]} next {OracleJson.Write(next)} {OracleJson.Write(values)}\n"
        + string.Concat(tasks.Select(task => $"    {Task(task!)}\n"));

    /// <summary>
    /// A task that finished shows no interrupt or error that it had before; JS keeps showing them. Writing nothing is
    /// no result in JS, {} here.
    /// </summary>
    private static string Task(JsonNode task)
    {
        var result = task["result"] is JsonObject { Count: > 0 } written ? OracleJson.Write(written) : null;
        var interrupts = result is null
            ? string.Join(',', task["interrupts"]!.AsArray().Select(interrupt => OracleJson.Write(interrupt!["value"])))
            : "";
        var error = result is null && task["error"] is JsonValue flag && flag.ToString() is not ("false" or "") ? "failed" : "";
        return $"{task["name"]} [{interrupts}] {error} {result}";
    }
}
