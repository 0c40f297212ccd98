using System.Text.Json;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A tool call that may run or was refused.</summary>
/// <param name="Call">The call, with the arguments that a person may have changed.</param>
/// <param name="IsEdited">Whether the arguments were changed.</param>
/// <param name="Refusal">Why it must not run; null if it may run.</param>
internal sealed record DecidedCall(ToolCall Call, bool IsEdited = false, string? Refusal = null)
{
    private const string RefusalMember = "refusal";

    /// <summary>
    /// Returns the task that makes the call. A refused call is a task too, so that the results come in the order of the
    /// calls.
    /// </summary>
    public Send ToSend() => new(AgentGraph.ToolsNode, GraphJson.Parse(GraphJson.Encode(this, static (writer, decided) =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, decided.Call.Name);
        writer.WritePropertyName("args"u8);
        decided.Call.Args.WriteTo(writer);
        writer.WriteString("id"u8, decided.Call.Id);
        writer.WriteString("type"u8, "tool_call"u8);
        if (decided.Refusal is not null)
        {
            writer.WriteString(RefusalMember, decided.Refusal);
        }

        writer.WriteEndObject();
    })));

    /// <summary>
    /// Reads the input that <see cref="ToSend"/> sent. Clients can send to the node too, so members may be missing.
    /// </summary>
    public static DecidedCall FromInput(JsonElement input) =>
        new(
            new ToolCall(
                JsonText.Of(input, "name") ?? "",
                input.ValueKind == JsonValueKind.Object && input.TryGetProperty("args", out var args) ? args : GraphJson.EmptyObject,
                JsonText.Of(input, "id")),
            Refusal: JsonText.Of(input, RefusalMember));
}
