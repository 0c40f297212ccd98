using System.Text.Json;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The tool calls of a message.</summary>
internal static class MessageCalls
{
    /// <summary>
    /// Returns the calls, and after them those whose arguments were not JSON (<c>invalid_tool_calls</c>), without arguments:
    /// providers want a result for these too.
    /// </summary>
    public static IReadOnlyList<ToolCall> AllCalls(this Message message)
    {
        var calls = message.ToolCalls;
        var invalid = InvalidOf(message);
        return invalid.Count == 0 ? calls : [.. calls, .. invalid.Select(call => call.Call)];
    }

    /// <summary>Returns the calls whose arguments were not JSON, each with the reason and as the message has it.</summary>
    public static IReadOnlyList<(ToolCall Call, string Error, JsonElement Json)> InvalidOf(Message message) =>
        message.Type == "ai"
            && message.Json.TryGetProperty("invalid_tool_calls", out var invalid)
            && invalid.ValueKind == JsonValueKind.Array && invalid.GetArrayLength() > 0
            ? [.. invalid.EnumerateArray().Select(Read)]
            : [];

    private static (ToolCall Call, string Error, JsonElement Json) Read(JsonElement call) =>
        (
            new ToolCall(JsonText.Of(call, "name") ?? "", GraphJson.EmptyObject, JsonText.Of(call, "id")),
            JsonText.Of(call, "error") ?? "The arguments are not JSON.",
            call);
}
