namespace Weft.Graphs;

/// <summary>An event of a tool call (docs/protocol/streaming.md D8).</summary>
internal sealed class ToolPayload(string name, ToolCall call, string member, StreamPayload data) : StreamPayload
{
    internal override long EstimateReferred() => data.CostBytes + ValueSize.Of(call.Args);

    protected override byte[] Encode() => GraphJson.Encode((name, call, member, data), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, s.name);
        if (s.call.Id is { } id)
        {
            writer.WriteString("toolCallId"u8, id);
        }

        writer.WriteString("name"u8, s.call.Name);
        writer.WritePropertyName(s.member);
        writer.WriteRawValue(s.data.Utf8.Span, skipInputValidation: true);
        writer.WriteEndObject();
    });
}
