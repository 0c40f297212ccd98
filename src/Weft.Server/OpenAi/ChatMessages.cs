using System.Text.Json;

namespace Weft.Server;

/// <summary>Reads the messages of a chat completion (docs/protocol/openai.md 2).</summary>
internal static class ChatMessages
{
    private const string Path = "messages";

    /// <exception cref="Runs.WeftException">A message is wrong.</exception>
    public static List<InputMessage> Read(JsonElement? messages) =>
        messages is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0
            ? [.. OpenAiFields.Items(list, Path).Select(Read)]
            : throw Requests.Invalid(Path, "It is required, a list of at least one message.");

    private static InputMessage Read(OpenAiFields message)
    {
        var role = message.RequiredText("role");
        return role switch
        {
            "system" or "developer" or "user" => InputMessage.Of(role, writer => WriteContent(writer, message), message.Text("id")),
            "assistant" => InputMessage.Of(role, writer => WriteAnswer(writer, message), message.Text("id")),
            "tool" => InputMessage.Of(role, writer => WriteResult(writer, message), message.Text("id")),
            "function" => InputMessage.Of(role, writer => WriteFunction(writer, message), message.Text("id")),
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

    /// <summary>An answer may have calls in place of content.</summary>
    private static void WriteAnswer(Utf8JsonWriter writer, OpenAiFields message)
    {
        if (message.Any("tool_calls") is not { } calls)
        {
            if (message.Any("content") is null && message.Text("refusal") is { } refusal)
            {
                writer.WriteString("content"u8, refusal);
                return;
            }

            WriteContent(writer, message);
            return;
        }

        if (calls.ValueKind != JsonValueKind.Array)
        {
            throw message.Wrong("tool_calls", "It must be a list.");
        }

        if (message.Any("content") is null)
        {
            writer.WriteString("content"u8, ""u8);
        }
        else
        {
            WriteContent(writer, message);
        }

        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in OpenAiFields.Items(calls, message.PathOf("tool_calls")))
        {
            var function = call.RequiredObject("function");
            InputMessage.WriteCall(writer, call.RequiredText("id"), function.RequiredText("name"), function);
        }

        writer.WriteEndArray();
    }

    private static void WriteResult(Utf8JsonWriter writer, OpenAiFields message)
    {
        writer.WriteString("tool_call_id"u8, message.RequiredText("tool_call_id"));
        WriteContent(writer, message);
    }

    private static void WriteFunction(Utf8JsonWriter writer, OpenAiFields message)
    {
        _ = message.RequiredText("name");
        WriteContent(writer, message);
    }
}
