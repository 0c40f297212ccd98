using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// A channel of chat messages with LangChain's reducer (docs/protocol/messages.md F4). A message with a known id
/// replaces the old one in its place, other messages are appended, and remove markers delete messages. In JSON a write
/// is a message in any form of docs/protocol/messages.md F2, or a list.
/// </summary>
public sealed class MessagesChannel : StateChannel<MessageList, IReadOnlyList<Message>>
{
    /// <summary>Clients know a channel of messages by its <c>langgraph_type</c>.</summary>
    internal MessagesChannel(string name)
        : base(name) => LangGraphType = "messages";

    internal override object? Initial => MessageList.Empty;

    internal override bool IsReduced => true;

    internal override object ValueOf(object write) => MessageList.Empty.Merge((IReadOnlyList<Message>)write);

    internal override object Reduce(object? current, IReadOnlyList<object> writes)
    {
        var list = (MessageList)current!;
        foreach (var write in writes)
        {
            list = list.Merge((IReadOnlyList<Message>)write);
        }

        return list;
    }

    /// <summary>Ids are given before a write is shown, so that the stream and the state agree on them.</summary>
    internal override object Normalize(object write) => MessageList.WithIds((IReadOnlyList<Message>)write);

    internal override object? TryJoin(object first, object second) =>
        (Message[])[.. (IReadOnlyList<Message>)first, .. (IReadOnlyList<Message>)second];

    internal override object ReadWrite(JsonElement json) => MessageList.WithIds(
        json.ValueKind == JsonValueKind.Array && !IsPair(json)
            ? [.. json.EnumerateArray().Select(MessageCoercion.Coerce)]
            : [MessageCoercion.Coerce(json)]);

    internal override void WriteWrite(Utf8JsonWriter writer, object write)
    {
        writer.WriteStartArray();
        foreach (var message in (IReadOnlyList<Message>)write)
        {
            WriteMessage(writer, message);
        }

        writer.WriteEndArray();
    }

    internal override JsonObject ExportSchema() => new()
    {
        ["type"] = "array",
        ["items"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["type"] = new JsonObject { ["type"] = "string" },
                ["content"] = new JsonObject { ["type"] = new JsonArray("string", "array") },
                ["id"] = new JsonObject { ["type"] = new JsonArray("string", "null") },
            },
            ["required"] = new JsonArray("type", "content"),
        },
    };

    internal override object ReadValue(JsonElement json) => MessageList.From([.. json.EnumerateArray().Select(ReadStored)]);

    internal override object ReadStored(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, GraphJson.ReaderOptions);
        reader.Read();
        return MessageList.From(ReadList(ref reader, json));
    }

    internal override void WriteValue(Utf8JsonWriter writer, object value) => ((MessageList)value).WriteTo(writer);

    internal override bool TryWriteDelta(Utf8JsonWriter writer, object from, object to) =>
        AppendDelta.TryWrite(writer, ((MessageList)from).Items, ((MessageList)to).Items, WriteMessage);

    internal override (int Start, int Count)? FindAppended(object from, object to, object write) =>
        AppendDelta.FindAppended(((MessageList)from).Items, ((MessageList)to).Items, (IReadOnlyList<Message>)write);

    internal override object ApplyDelta(object from, ReadOnlyMemory<byte> delta)
    {
        var older = (MessageList)from;
        var reader = new Utf8JsonReader(delta.Span, GraphJson.ReaderOptions);
        reader.Read();
        reader.Read();
        reader.Read();
        var keep = reader.GetInt32();
        reader.Read();
        if (keep < older.Count || (reader.TokenType == JsonTokenType.PropertyName && !reader.ValueTextEquals("a"u8)))
        {
            return MessageList.From(AppendDelta.Apply(older.Items, GraphJson.Parse(delta.Span), ReadStored).Span.ToArray());
        }

        // Nearly all differences only append messages.
        return reader.Read() ? older.Append(ReadList(ref reader, delta)) : older;
    }

    internal override long EstimateBytes(object value) => ((MessageList)value).Bytes;

    /// <summary>A list of two strings is two messages, unless the first one names a role.</summary>
    private static bool IsPair(JsonElement json) =>
        json.GetArrayLength() == 2 && json[0].ValueKind == JsonValueKind.String && json[1].ValueKind == JsonValueKind.String
        && json[0].GetString() is "system" or "human" or "user" or "ai" or "assistant" or "developer";

    private static Message ReadStored(JsonElement json) =>
        Message.FromStored(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(json).ToArray());

    /// <summary>
    /// Reads messages from the start of their array. Each gets a copy of its bytes, so that it does not keep the body
    /// in which it was stored in memory.
    /// </summary>
    private static Message[] ReadList(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        List<Message>? several = null;
        Message? last = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (last is not null)
            {
                (several ??= []).Add(last);
            }

            last = Message.FromStored(json.Span[start..(int)reader.BytesConsumed].ToArray());
        }

        return several is not null ? [.. several, last!] : last is null ? [] : [last];
    }

    private static void WriteMessage(Utf8JsonWriter writer, Message message) =>
        writer.WriteRawValue(message.Utf8.Span, skipInputValidation: true);
}
