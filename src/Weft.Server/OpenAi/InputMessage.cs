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

    /// <summary>Writes a call of a tool, as an item of the list <c>tool_calls</c>.</summary>
    /// <param name="writer">The target.</param>
    /// <param name="id">The id of the call.</param>
    /// <param name="name">The tool.</param>
    /// <param name="arguments">The object that has the arguments, as text.</param>
    public static void WriteCall(Utf8JsonWriter writer, string id, string name, OpenAiFields arguments)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("name"u8, name);
        writer.WritePropertyName("args"u8);
        ReadArguments(arguments).WriteTo(writer);
        writer.WriteString("type"u8, "tool_call"u8);
        writer.WriteEndObject();
    }

    private static JsonElement ReadArguments(OpenAiFields fields)
    {
        var text = fields.Text("arguments");
        if (string.IsNullOrWhiteSpace(text))
        {
            return GraphJson.EmptyObject;
        }

        return EmbeddedJson.TryParse(text) is { ValueKind: JsonValueKind.Object } arguments
            ? arguments
            : throw fields.Wrong("arguments", "It must be the text of a JSON object.");
    }
}
