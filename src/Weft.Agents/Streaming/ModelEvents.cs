using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Reports one call of a model in the stream mode <c>events</c>.</summary>
internal sealed class ModelEvents
{
    private readonly EventSpan _span;

    private ModelEvents(EventSpan span) => _span = span;

    public static ModelEvents? Start(EventEmitter events, string name, IEnumerable<ChatMessage> history, ModelInfo model) =>
        events.Start(EventKind.ChatModel, name, Input(history), model.Tags, model) is { } span ? new ModelEvents(span) : null;

    public void Stream(byte[] chunk) => _span.Stream(LazyJson.FromUtf8(chunk));

    /// <summary>Reports the last message of the response.</summary>
    public void End(ChatResponse response) =>
        _span.End(response.ToMessages() is [.., var last] ? LazyJson.FromUtf8(last.Utf8.ToArray()) : LazyJson.Null);

    /// <summary>The input of a model is a batch of conversations, here always of one.</summary>
    private static LazyJson Input(IEnumerable<ChatMessage> history) =>
        LazyJson.FromUtf8(GraphJson.Encode(history, static (writer, history) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("messages"u8);
            writer.WriteStartArray();
            foreach (var message in history.SelectMany(message => message.ToMessages()))
            {
                writer.WriteRawValue(message.Utf8.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
}
