using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A message of a request, as graphs take it.</summary>
/// <param name="Role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, <c>tool</c> or <c>function</c>.</param>
/// <param name="Json">The message, in a form of docs/protocol/messages.md F2.</param>
internal sealed record InputMessage(string Role, JsonElement Json)
{
    /// <summary>The ids of messages that a client sends begin with this, unless the client gave them ids.</summary>
    public const string IdPrefix = "input_";

    public static string MakeId() => IdPrefix + NewId.Uuid();

    public static InputMessage Of(string role, Action<Utf8JsonWriter> writeMembers, string? id = null) =>
        new(role, GraphJson.Parse(GraphJson.Encode((role, id ?? MakeId(), writeMembers), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, s.role);
            writer.WriteString("id"u8, s.Item2);
            s.writeMembers(writer);
            writer.WriteEndObject();
        })));

    /// <summary>
    /// Writes calls of tools. A model may have written arguments that are not a JSON object. Such a call stays in the conversation, as one
    /// that is invalid, because the result that follows it belongs to it.
    /// </summary>
    public static void WriteCalls(Utf8JsonWriter writer, IReadOnlyList<InputCall> calls)
    {
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            if (call.Arguments is { } arguments)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, call.Id);
                writer.WriteString("name"u8, call.Name);
                writer.WritePropertyName("args"u8);
                arguments.WriteTo(writer);
                writer.WriteString("type"u8, "tool_call"u8);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        if (calls.All(static call => call.Arguments is not null))
        {
            return;
        }

        writer.WriteStartArray("invalid_tool_calls"u8);
        foreach (var call in calls.Where(static call => call.Arguments is null))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, call.Id);
            writer.WriteString("name"u8, call.Name);
            writer.WriteString("args"u8, call.Text);
            writer.WriteString("error"u8, "Malformed args."u8);
            writer.WriteString("type"u8, "invalid_tool_call"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
