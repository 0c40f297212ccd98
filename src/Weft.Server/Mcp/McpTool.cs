using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>An assistant as a tool.</summary>
/// <param name="Name">The name of the tool.</param>
/// <param name="Assistant">The assistant.</param>
/// <param name="Schema">The schema of the assistant's input.</param>
internal sealed record McpTool(string Name, AssistantRecord Assistant, JsonElement Schema)
{
    private const string Wrapper = "input";

    /// <summary>
    /// Whether the input is an object, as the arguments of tools are. Another input, such as a workflow's text, is the argument
    /// <c>input</c>.
    /// </summary>
    private bool TakesObject => JsonFields.Text(Schema, "type") == "object";

    /// <summary>Returns the input of the run.</summary>
    /// <exception cref="JsonRpcException">The arguments are wrong.</exception>
    public JsonElement InputOf(JsonElement arguments) => arguments switch
    {
        { ValueKind: JsonValueKind.Undefined } when TakesObject => GraphJson.EmptyObject,
        { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Object) } =>
            throw JsonRpcException.InvalidParams("arguments", "It must be an object."),
        _ when TakesObject => arguments,
        _ => JsonFields.Any(arguments, Wrapper) is { ValueKind: not JsonValueKind.Undefined } input
            ? input
            : throw JsonRpcException.InvalidParams($"arguments.{Wrapper}", "It is required."),
    };

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, Name);
        writer.WriteString("title"u8, Assistant.Name);
        if (Assistant.Description is { } description)
        {
            writer.WriteString("description"u8, description);
        }

        writer.WritePropertyName("inputSchema"u8);
        WriteSchema(writer);
        writer.WriteStartObject("_meta"u8);
        writer.WriteString("assistant_id"u8, Assistant.AssistantId.ToString());
        writer.WriteString("graph_id"u8, Assistant.GraphId);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteSchema(Utf8JsonWriter writer)
    {
        if (TakesObject)
        {
            Schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("properties"u8);
        writer.WritePropertyName(Wrapper);
        Schema.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteStartArray("required"u8);
        writer.WriteStringValue(Wrapper);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
