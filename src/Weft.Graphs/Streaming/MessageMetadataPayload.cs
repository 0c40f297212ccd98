namespace Weft.Graphs;

/// <summary>Where a message comes from that is about to be streamed: <c>{"id":{"metadata":{…}}}</c>.</summary>
internal sealed class MessageMetadataPayload(string messageId, byte[] metadata) : StreamPayload
{
    protected override byte[] Encode() => GraphJson.Encode((messageId, metadata), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject(s.messageId);
        writer.WritePropertyName("metadata"u8);
        writer.WriteRawValue(s.metadata, skipInputValidation: true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
