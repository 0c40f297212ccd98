using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Writes the messages that a response got as the items of its input.</summary>
internal static class InputItems
{
    /// <summary>Returns the items, oldest first, with their ids.</summary>
    public static List<(string Id, Action<Utf8JsonWriter> Write)> Of(IEnumerable<Message> messages)
    {
        var items = new List<(string, Action<Utf8JsonWriter>)>();
        foreach (var message in messages.Where(message => message.Id?.StartsWith(InputMessage.IdPrefix, StringComparison.Ordinal) == true))
        {
            Add(items, message, "msg_" + message.Id![InputMessage.IdPrefix.Length..]);
        }

        return items;
    }

    private static void Add(List<(string, Action<Utf8JsonWriter>)> items, Message message, string id)
    {
        if (message.Type == "tool")
        {
            items.Add((id, writer => WriteResult(writer, id, message)));
            return;
        }

        ReplyCall[] calls =
        [
            .. message.ToolCalls.Select(call => new ReplyCall(call.Id ?? "", call.Name, call.Args.GetRawText())),
            .. InvalidOf(message),
        ];
        if (message.Type != "ai" || calls.Length == 0 || message.Text.Length > 0)
        {
            items.Add((id, writer => WriteMessage(writer, id, message)));
        }

        foreach (var call in calls)
        {
            items.Add((OutputItems.CallId(call), writer => OutputItems.WriteCall(writer, call, isDone: true)));
        }
    }

    /// <summary>Calls whose arguments are not a JSON object. Anyone may have written the message.</summary>
    private static IEnumerable<ReplyCall> InvalidOf(Message message) =>
        message.Type == "ai" && message.Json.TryGetProperty("invalid_tool_calls"u8, out var calls) && calls.ValueKind == JsonValueKind.Array
            ? calls.EnumerateArray().Where(static call => call.ValueKind == JsonValueKind.Object)
                .Select(static call => new ReplyCall(TextOf(call, "id"), TextOf(call, "name"), TextOf(call, "args")))
            : [];

    private static string TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static void WriteMessage(Utf8JsonWriter writer, string id, Message message)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, RoleOf(message));
        writer.WriteString("status"u8, "completed"u8);
        ContentParts.WriteItemParts(writer, message.Content, message.Type == "ai" ? "output_text" : "input_text");
        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, string id, Message message)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, "function_call_output"u8);
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteString("call_id"u8, message.ToolCallId);
        writer.WritePropertyName("output"u8);
        message.Content.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static string RoleOf(Message message) => message.Type switch
    {
        "ai" => "assistant",
        "system" => message.Json.TryGetProperty("additional_kwargs"u8, out var more) && more.TryGetProperty("__openai_role__"u8, out _)
            ? "developer"
            : "system",
        _ => "user",
    };
}
