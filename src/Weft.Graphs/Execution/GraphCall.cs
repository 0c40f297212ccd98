using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Which call of a task's code a graph inside the task runs for. It is kept with the graph's checkpoints, so that the
/// call finds them when the task runs again, in whatever order the task makes its calls then.
/// </summary>
/// <param name="Graph">The graph: <see cref="CompiledGraph.Shape"/>, and its place where the node names
/// several.</param>
/// <param name="Content">The key of the call, or the hash of its input.</param>
/// <param name="Number">How many calls with the same graph and content the task made before.</param>
/// <param name="IsAtOnce">Whether another call of the task had not ended when this one began.</param>
/// <param name="TaskId">The task, if the namespace does not name it; otherwise null.</param>
internal sealed record GraphCall(string Graph, string Content, int Number, bool IsAtOnce, string? TaskId)
{
    public bool IsSame(GraphCall other) => Graph == other.Graph && Content == other.Content && Number == other.Number;

    public static GraphCall Read(JsonElement json) =>
        new(
            json[0].GetString()!,
            json[1].GetString()!,
            json[2].GetInt32(),
            json[3].GetBoolean(),
            json.GetArrayLength() > 4 ? json[4].GetString() : null);

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(Graph);
        writer.WriteStringValue(Content);
        writer.WriteNumberValue(Number);
        writer.WriteBooleanValue(IsAtOnce);
        if (TaskId is not null)
        {
            writer.WriteStringValue(TaskId);
        }

        writer.WriteEndArray();
    }
}
