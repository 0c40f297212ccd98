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

        if (message.Type != "ai" || message.ToolCalls.Count == 0 || message.Text.Length > 0)
        {
            items.Add((id, writer => WriteMessage(writer, id, message)));
        }

        foreach (var call in message.ToolCalls.Select(call => new ReplyCall(call.Id ?? "", call.Name, call.Args.GetRawText())))
        {
            items.Add((OutputItems.CallId(call), writer => OutputItems.WriteCall(writer, call, isDone: true)));
        }
    }

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
