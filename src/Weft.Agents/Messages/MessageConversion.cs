using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Converts messages of a graph to those of a chat client and back, without loss. Members that the other side does not
/// have are in <see cref="ChatMessage.AdditionalProperties"/> or in <c>additional_kwargs</c>.
/// </summary>
public static class MessageConversion
{
    /// <summary>Returns the message as a chat client takes it.</summary>
    /// <exception cref="ArgumentException">It is a remove marker, which has no content.</exception>
    public static ChatMessage ToChatMessage(this Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var contents = message.Type == "tool"
            ? [ContentBlocks.ReadResult(message.ToolCallId ?? "", message.Content)]
            : ContentBlocks.Read(message.Content);
        foreach (var call in message.ToolCalls)
        {
            contents.Add(new FunctionCallContent(call.Id ?? "", call.Name, ToolArguments.Read(call.Args)));
        }

        foreach (var (call, error, json) in MessageCalls.InvalidOf(message))
        {
            contents.Add(new FunctionCallContent(call.Id ?? "", call.Name, new Dictionary<string, object?>())
            {
                Exception = new FormatException(error),
                RawRepresentation = json,
            });
        }

        return new ChatMessage(RoleOf(message), contents)
        {
            MessageId = message.Id,
            AuthorName = message.Name,
            AdditionalProperties = RestOf(message),
        };
    }

    /// <summary>Returns the messages as a chat client takes them.</summary>
    public static List<ChatMessage> ToChatMessages(this IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return [.. messages.Select(ToChatMessage)];
    }

    /// <summary>
    /// Returns the message as messages of a graph. It is one message, unless it contains results of tools: each result
    /// is a message of its own. The first message has the id of the given one, and each later one has that id and a
    /// number.
    /// </summary>
    public static IReadOnlyList<Message> ToMessages(this ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Convert(message, default);
    }

    /// <summary>
    /// Returns the messages of a response. The last one of the model has the usage, the model and the finish reason.
    /// </summary>
    public static IReadOnlyList<Message> ToMessages(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var last = response.Messages.LastOrDefault(message => message.Role == ChatRole.Assistant);
        var end = new ResponseEnd(response.Usage, response.FinishReason, response.ModelId);
        return [.. response.Messages.SelectMany(message => Convert(message, ReferenceEquals(message, last) ? end : default))];
    }

    private static List<Message> Convert(ChatMessage message, ResponseEnd end)
    {
        var messages = new List<Message>(1);
        if (message.Role != ChatRole.Tool || !message.Contents.Any(content => content is FunctionResultContent))
        {
            messages.Add(Encode((message, end), static (writer, s) => WriteMembers(writer, s.message, s.end)));
        }

        foreach (var result in message.Contents.OfType<FunctionResultContent>())
        {
            var id = message.MessageId is null || messages.Count == 0 ? message.MessageId : $"{message.MessageId}-{messages.Count + 1}";
            messages.Add(Encode((message, result, id), static (writer, s) => WriteToolMembers(writer, s.message, s.result, s.id)));
        }

        return messages;
    }

    private static Message Encode<TState>(TState state, Action<Utf8JsonWriter, TState> writeMembers) =>
        Message.FromJson(GraphJson.Parse(GraphJson.Encode((state, writeMembers), static (writer, s) =>
        {
            writer.WriteStartObject();
            s.writeMembers(writer, s.state);
            writer.WriteEndObject();
        })));

    private static void WriteMembers(Utf8JsonWriter writer, ChatMessage message, ResponseEnd end)
    {
        WriteType(writer, message);
        WriteOptional(writer, "id"u8, message.MessageId);
        WriteOptional(writer, "name"u8, message.AuthorName);
        writer.WritePropertyName("content"u8);
        ContentBlocks.Write(writer, message.Contents);
        ToolArguments.WriteCalls(writer, [.. message.Contents.OfType<FunctionCallContent>()]);
        var given = message.AdditionalProperties;
        var usage = message.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? end.Usage;
        if (usage is not null)
        {
            ResponseEnd.WriteUsage(writer, usage);
        }

        if (end.TellsMore && given?.ContainsKey("response_metadata") != true)
        {
            end.WriteMetadata(writer);
        }

        WriteRest(writer, given, except: usage is null ? null : "usage_metadata");
    }

    private static void WriteToolMembers(Utf8JsonWriter writer, ChatMessage message, FunctionResultContent result, string? id)
    {
        writer.WriteString("type"u8, "tool"u8);
        WriteOptional(writer, "id"u8, id);
        WriteOptional(writer, "name"u8, message.AuthorName);
        writer.WriteString("tool_call_id"u8, result.CallId);
        writer.WritePropertyName("content"u8);
        ContentBlocks.WriteResult(writer, result);
        if (result.Exception is not null)
        {
            writer.WriteString("status"u8, "error"u8);
        }

        WriteRest(writer, message.AdditionalProperties, except: result.Exception is null ? null : "status");
    }

    private static ChatRole RoleOf(Message message) => message.Type switch
    {
        "human" => ChatRole.User,
        "ai" => ChatRole.Assistant,
        "system" => ChatRole.System,
        "tool" => ChatRole.Tool,
        "chat" => new ChatRole(message.Json.GetProperty("role").GetString()!),
        "remove" => throw new ArgumentException("A remove marker is not a chat message.", nameof(message)),
        var other => new ChatRole(other),
    };

    private static void WriteType(Utf8JsonWriter writer, ChatMessage message)
    {
        var type = message.Role == ChatRole.User ? "human"
            : message.Role == ChatRole.Assistant ? "ai"
            : message.Role == ChatRole.System ? "system"
            : message.Role.Value == "function" ? "function"
            : "chat";
        writer.WriteString("type"u8, type);
        if (type == "chat")
        {
            writer.WriteString("role"u8, message.Role.Value);
        }
    }

    /// <summary>The members that a <see cref="ChatMessage"/> does not have.</summary>
    private static AdditionalPropertiesDictionary? RestOf(Message message)
    {
        AdditionalPropertiesDictionary? rest = null;
        foreach (var member in message.Json.EnumerateObject())
        {
            if (member.Name is not ("type" or "id" or "role" or "name" or "content" or "tool_calls" or "invalid_tool_calls" or "tool_call_id")
                && !IsEmpty(member.Value))
            {
                (rest ??= [])[member.Name] = member.Value;
            }
        }

        return rest;
    }

    private static bool IsEmpty(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Object => json.GetPropertyCount() == 0,
        JsonValueKind.Array => json.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>
    /// Writes the members that <see cref="RestOf"/> kept. Other properties become members of <c>additional_kwargs</c>.
    /// </summary>
    private static void WriteRest(Utf8JsonWriter writer, AdditionalPropertiesDictionary? rest, string? except)
    {
        foreach (var (name, value) in rest ?? [])
        {
            if (name != except && ToolArguments.IsPlain(value))
            {
                writer.WritePropertyName(name);
                ToolArguments.WriteValue(writer, value);
            }
        }
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
