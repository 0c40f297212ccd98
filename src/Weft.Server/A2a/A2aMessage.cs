using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A message that a client sends to an assistant, after it was checked (docs/protocol/a2a.md 3).</summary>
internal sealed class A2aMessage
{
    private readonly string _id;
    private readonly List<A2aPart> _parts = [];

    private A2aMessage(string id) => _id = id;

    /// <summary>The thread; null for a new one.</summary>
    public ThreadId? ContextId { get; private init; }

    /// <summary>The task that the message continues; null if it names none.</summary>
    public string? TaskId { get; private init; }

    /// <summary>Metadata of the run; null if there is none.</summary>
    public JsonElement? Metadata { get; private init; }

    /// <summary>Whether the answer is sent before the task has ended.</summary>
    public bool ReturnsAtOnce { get; private init; }

    /// <summary>How many messages of the history the client wants; null for all.</summary>
    public int? HistoryLength { get; private init; }

    /// <exception cref="JsonRpcException">The parameters are wrong.</exception>
    public static A2aMessage Read(Mount mount, JsonElement parameters)
    {
        var message = JsonFields.Object(parameters, "message");
        if (message.ValueKind == JsonValueKind.Undefined)
        {
            throw JsonRpcException.InvalidParams("message", "It is required, an object.");
        }

        var configuration = JsonFields.Object(parameters, "configuration");
        if ((JsonFields.Any(configuration, "pushNotificationConfig").ValueKind,
            JsonFields.Any(configuration, "taskPushNotificationConfig").ValueKind) is not (JsonValueKind.Undefined, JsonValueKind.Undefined))
        {
            throw A2aErrors.Of(A2aErrors.PushNotSupported, "Push notifications are not supported.");
        }

        var id = JsonFields.Text(message, "messageId") is { Length: > 0 } given
            ? given
            : throw JsonRpcException.InvalidParams("message.messageId", "It is required, a string.");
        if (JsonFields.Text(message, "role") is not ("user" or "ROLE_USER"))
        {
            throw JsonRpcException.InvalidParams("message.role", "It must be \"user\", or \"ROLE_USER\" in version 1.0.");
        }

        var contextId = JsonFields.Text(message, "contextId");
        var read = new A2aMessage(id)
        {
            ContextId = string.IsNullOrEmpty(contextId) ? null : Requests.ReadThreadId(mount, contextId, "message.contextId"),
            TaskId = JsonFields.Text(message, "taskId") is { Length: > 0 } taskId ? taskId : null,
            Metadata = JsonFields.Any(parameters, "metadata") is { ValueKind: not JsonValueKind.Undefined } metadata ? metadata : null,
            ReturnsAtOnce = JsonFields.Any(configuration, "returnImmediately").ValueKind == JsonValueKind.True
                || JsonFields.Any(configuration, "blocking").ValueKind == JsonValueKind.False,
            HistoryLength = ReadHistoryLength(configuration, "configuration."),
        };
        read.ReadParts(message);
        return read;
    }

    /// <summary>Reads how many messages of the history a client wants; null for all.</summary>
    /// <exception cref="JsonRpcException">It is not a number of messages.</exception>
    public static int? ReadHistoryLength(JsonElement json, string path = "") => JsonFields.Any(json, "historyLength") switch
    {
        { ValueKind: JsonValueKind.Undefined } => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var length) && length >= 0 => length,
        _ => throw JsonRpcException.InvalidParams($"{path}historyLength", "It must be a whole number of at least 0."),
    };

    /// <summary>
    /// Returns the input of a run: a message with the text and the files, and the members of the data that the graph takes as its own.
    /// </summary>
    /// <exception cref="JsonRpcException">The graph takes no messages.</exception>
    public JsonElement InputFor(CompiledGraph graph)
    {
        var data = _parts.Where(static part => part.Data is not null).Select(static part => part.Data!.Value).ToList();
        var content = _parts.Where(static part => part.Data is null).ToList();
        if (graph.IsWorkflow)
        {
            return data.Count == 1 && content.Count == 0 ? data[0]
                : data.Count == 0 && content is [{ TextJson: { } text }] ? GraphJson.Parse(text.Span)
                : throw JsonRpcException.InvalidParams("message.parts", "A workflow takes one text or one value of data.");
        }

        if (content.Count > 0 && !graph.InputChannels.Any(static channel => channel is MessagesChannel && channel.Name == "messages"))
        {
            throw JsonRpcException.InvalidParams(
                "message.parts", "The assistant takes no messages. Send a part of data with the members of its input schema.");
        }

        return GraphJson.Parse(GraphJson.Encode((this, data, content), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.data.Where(static value => value.ValueKind == JsonValueKind.Object)
                .SelectMany(static value => value.EnumerateObject())
                .Where(member => s.content.Count == 0 || member.Name != "messages")
                .DistinctBy(static member => member.Name))
            {
                member.WriteTo(writer);
            }

            if (s.content.Count > 0)
            {
                s.Item1.WriteMessages(writer, s.content);
            }

            writer.WriteEndObject();
        }));
    }

    /// <summary>Returns the command that answers questions. All of them get the same answer.</summary>
    public JsonElement AnswerTo(IReadOnlyList<string> interruptIds)
    {
        var answer = Answer();
        return GraphJson.Parse(GraphJson.Encode((interruptIds, answer), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("resume"u8);
            if (s.interruptIds.Count == 1)
            {
                s.answer.WriteTo(writer);
            }
            else
            {
                writer.WriteStartObject();
                foreach (var id in s.interruptIds)
                {
                    writer.WritePropertyName(id);
                    s.answer.WriteTo(writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }));
    }

    /// <summary>Data is the answer as it is. Text that is a JSON object or list is taken as JSON, because some nodes ask for one.</summary>
    private JsonElement Answer()
    {
        if (_parts.Find(static part => part.Data is not null) is { } data)
        {
            return data.Data!.Value;
        }

        var text = string.Concat(_parts.Select(static part => part.TextJson is { } json ? GraphJson.Parse(json.Span).GetString() : ""));
        return text.AsSpan().TrimStart() is ['{' or '[', ..] && EmbeddedJson.TryParse(text) is { } parsed ? parsed : GraphJson.ToElement(text);
    }

    private void ReadParts(JsonElement message)
    {
        var parts = JsonFields.Any(message, "parts");
        if (parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() == 0)
        {
            throw JsonRpcException.InvalidParams("message.parts", "It is required, a list with at least one part.");
        }

        var index = 0;
        foreach (var part in parts.EnumerateArray())
        {
            _parts.Add(A2aPart.Read(part, $"message.parts[{index++}]"));
        }
    }

    private void WriteMessages(Utf8JsonWriter writer, List<A2aPart> content)
    {
        writer.WriteStartArray("messages"u8);
        writer.WriteStartObject();
        writer.WriteString("role"u8, "user"u8);
        // An id that is used twice replaces a message, so only those that are surely unique are kept.
        if (Requests.TryReadUuid(_id, out _))
        {
            writer.WriteString("id"u8, _id);
        }

        writer.WritePropertyName("content"u8);
        if (content is [{ TextJson: { } text }])
        {
            writer.WriteRawValue(text.Span, skipInputValidation: true);
        }
        else
        {
            writer.WriteStartArray();
            content.ForEach(part => part.WriteBlock(writer));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
