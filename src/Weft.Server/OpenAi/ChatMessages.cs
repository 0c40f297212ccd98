using System.Text.Json;

namespace Weft.Server;

/// <summary>Reads the messages of a chat completion (docs/protocol/openai.md 2).</summary>
internal sealed class ChatMessages
{
    private const string Path = "messages";

    // Functions came before tools. Their calls have no ids, and a result belongs to the last call of its function.
    private readonly Dictionary<string, string> _functionCalls = [];
    private int _index;

    private ChatMessages()
    {
    }

    /// <exception cref="Runs.WeftException">A message is wrong.</exception>
    public static List<InputMessage> Read(JsonElement? messages)
    {
        var reader = new ChatMessages();
        return messages is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0
            ? [.. OpenAiFields.Items(list, Path).Select(reader.Read)]
            : throw Requests.Invalid(Path, "It is required, a list of at least one message.");
    }

    private InputMessage Read(OpenAiFields message)
    {
        _index++;
        var role = message.RequiredText("role");
        return role switch
        {
            "system" or "developer" or "user" => InputMessage.Of(role, writer => WriteContent(writer, message), message.Text("id")),
            "assistant" => InputMessage.Of(role, writer => WriteAnswer(writer, message), message.Text("id")),
            "tool" => InputMessage.Of(role, writer => WriteResult(writer, message), message.Text("id")),
            "function" => ReadFunctionResult(message),
            _ => throw message.Wrong("role", $"'{role}' is none of system, developer, user, assistant, tool, function."),
        };
    }

    private static void WriteContent(Utf8JsonWriter writer, OpenAiFields message)
    {
        var content = message.Any("content") ?? throw message.Wrong("content", "It is required, a string or a list of parts.");
        ContentParts.Write(writer, content, message.PathOf("content"));
        if (message.Text("name") is { } name)
        {
            writer.WriteString("name"u8, name);
        }
    }

    /// <summary>An answer may have calls or a refusal in place of content.</summary>
    private void WriteAnswer(Utf8JsonWriter writer, OpenAiFields message)
    {
        var calls = ReadCalls(message);
        if (message.Any("content") is not null || (calls is null && message.Text("refusal") is null))
        {
            WriteContent(writer, message);
        }
        else
        {
            writer.WriteString("content"u8, calls is null ? message.Text("refusal") : "");
        }

        if (calls is not null)
        {
            InputMessage.WriteCalls(writer, calls);
        }
    }

    /// <summary>Returns the calls of an answer; null if it has none.</summary>
    private List<InputCall>? ReadCalls(OpenAiFields message)
    {
        if (message.Any("tool_calls") is { } calls)
        {
            return calls.ValueKind != JsonValueKind.Array
                ? throw message.Wrong("tool_calls", "It must be a list.")
                :
                [
                    .. OpenAiFields.Items(calls, message.PathOf("tool_calls"))
                        .Select(static call => InputCall.Read(call.RequiredText("id"), call.RequiredObject("function"))),
                ];
        }

        if (message.Any("function_call") is null)
        {
            return null;
        }

        var called = InputCall.Read($"function_call_{_index}", message.RequiredObject("function_call"));
        _functionCalls[called.Name] = called.Id;
        return [called];
    }

    private InputMessage ReadFunctionResult(OpenAiFields message)
    {
        var name = message.RequiredText("name");
        return _functionCalls.Remove(name, out var id)
            ? InputMessage.Of("tool", writer => WriteResult(writer, message, id), message.Text("id"))
            : throw message.Wrong("name", $"No message of the assistant with a function_call of '{name}' comes before it.");
    }

    private static void WriteResult(Utf8JsonWriter writer, OpenAiFields message, string? callId = null)
    {
        writer.WriteString("tool_call_id"u8, callId ?? message.RequiredText("tool_call_id"));
        WriteContent(writer, message);
    }
}
