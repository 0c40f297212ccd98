using System.Text.Json;

namespace Weft.Server;

/// <summary>Reads the input of a response: a text or items (docs/protocol/openai.md 4).</summary>
internal static class ResponseInput
{
    private const string Path = "input";

    /// <exception cref="Runs.WeftException">An item is wrong.</exception>
    public static List<InputMessage> Read(JsonElement? input) => input switch
    {
        { ValueKind: JsonValueKind.String } text => [InputMessage.Of("user", writer => ContentParts.Write(writer, text, Path))],
        { ValueKind: JsonValueKind.Array } list => ReadItems([.. OpenAiFields.Items(list, Path)]),
        _ => throw Requests.Invalid(Path, "It is required, a string or a list of items."),
    };

    private static List<InputMessage> ReadItems(List<OpenAiFields> items)
    {
        var messages = new List<InputMessage>();
        for (var i = 0; i < items.Count;)
        {
            var item = items[i];
            var type = TypeOf(item);
            switch (type)
            {
                case "function_call_output":
                    messages.Add(InputMessage.Of("tool", writer => WriteResult(writer, item)));
                    i++;
                    break;
                case "reasoning":
                    // Models get their own reasoning from the thread, with what signs it.
                    i++;
                    break;
                case "function_call":
                    i = AddAnswer(messages, null, items, i);
                    break;
                case "message" when item.RequiredText("role") == "assistant":
                    i = AddAnswer(messages, item, items, i + 1);
                    break;
                case "message":
                    messages.Add(ReadMessage(item));
                    i++;
                    break;
                default:
                    throw item.Wrong("type", $"'{type}' is none of message, function_call, function_call_output, reasoning.");
            }
        }

        return messages;
    }

    /// <summary>The type of a message may be missing.</summary>
    private static string TypeOf(OpenAiFields item) =>
        item.Text("type") ?? (item.Any("role") is null ? throw item.Wrong("type", "It is required, a string.") : "message");

    private static InputMessage ReadMessage(OpenAiFields item) =>
        item.RequiredText("role") is var role && role is "user" or "system" or "developer"
            ? InputMessage.Of(role, writer => WriteContent(writer, item))
            : throw item.Wrong("role", $"'{role}' is none of user, assistant, system, developer.");

    /// <summary>Adds an answer with the calls that follow it, because graphs have both in one message. Returns the next item.</summary>
    private static int AddAnswer(List<InputMessage> messages, OpenAiFields? text, List<OpenAiFields> items, int first)
    {
        var end = first;
        while (end < items.Count && items[end].Text("type") == "function_call")
        {
            end++;
        }

        messages.Add(InputMessage.Of("assistant", writer =>
        {
            if (text is { } item)
            {
                WriteContent(writer, item);
            }
            else
            {
                writer.WriteString("content"u8, ""u8);
            }

            InputMessage.WriteCalls(
                writer, [.. items[first..end].Select(static call => InputCall.Read(call.RequiredText("call_id"), call))]);
        }));
        return end;
    }

    private static void WriteContent(Utf8JsonWriter writer, OpenAiFields item) => ContentParts.Write(
        writer,
        item.Any("content") ?? throw item.Wrong("content", "It is required, a string or a list of parts."),
        item.PathOf("content"));

    private static void WriteResult(Utf8JsonWriter writer, OpenAiFields item)
    {
        writer.WriteString("tool_call_id"u8, item.RequiredText("call_id"));
        var output = item.Any("output") ?? throw item.Wrong("output", "It is required, a string or a list of parts.");
        ContentParts.Write(writer, output, item.PathOf("output"));
    }
}
