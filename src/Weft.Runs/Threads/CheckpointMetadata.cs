using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Changes the metadata of a checkpoint (docs/protocol/state.md B4).</summary>
internal static class CheckpointMetadata
{
    private static readonly HashSet<string> OfServer =
        ["source", "step", "parents", "graph_id", "assistant_id", "thread_id", "run_id", "run_attempt"];

    /// <summary>Returns the metadata with the members merged into it. What the server says of a checkpoint stays as it is.</summary>
    /// <param name="metadata">A JSON object.</param>
    /// <param name="members">A JSON object. The last one of several members with the same name counts.</param>
    public static string Merge(string metadata, JsonElement members)
    {
        var given = new Dictionary<string, JsonElement>();
        foreach (var member in members.EnumerateObject().Where(static member => !OfServer.Contains(member.Name)))
        {
            given[member.Name] = member.Value;
        }

        var before = GraphJson.Parse(Encoding.UTF8.GetBytes(metadata));
        return Encoding.UTF8.GetString(GraphJson.Encode((before, given), static (writer, s) =>
        {
            writer.WriteStartObject();
            // Storage takes the source and the step from the beginning, and the ids from the end.
            Write(writer, s.before.EnumerateObject().Where(IsFirst));
            foreach (var (name, value) in s.given)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            Write(writer, s.before.EnumerateObject().Where(member => !IsFirst(member) && !s.given.ContainsKey(member.Name)));
            writer.WriteEndObject();
        }));
    }

    private static bool IsFirst(JsonProperty member) => member.Name is "source" or "step";

    private static void Write(Utf8JsonWriter writer, IEnumerable<JsonProperty> members)
    {
        foreach (var member in members)
        {
            member.WriteTo(writer);
        }
    }
}
