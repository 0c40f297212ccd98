namespace Weft.Graphs;

/// <summary>Messages that are complete, as a list.</summary>
internal sealed class CompleteMessagesPayload(IReadOnlyList<Message> messages) : StreamPayload
{
    protected override byte[] Encode() => GraphJson.Encode(messages, static (writer, messages) =>
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteRawValue(message.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
    });
}
