using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A request of a model to call a tool.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Args">Its arguments: a JSON object.</param>
/// <param name="Id">The id, to which the result refers.</param>
public sealed record ToolCall(string Name, JsonElement Args, string? Id)
{
    internal static ToolCall FromJson(JsonElement json) => new(
        json.TryGetProperty("name", out var name) ? name.GetString() ?? "" : "",
        json.TryGetProperty("args", out var args) ? args : GraphJson.EmptyObject,
        json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null);

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, Name);
        writer.WritePropertyName("args"u8);
        Args.WriteTo(writer);
        writer.WriteString("id"u8, Id);
        writer.WriteString("type"u8, "tool_call"u8);
        writer.WriteEndObject();
    }
}
