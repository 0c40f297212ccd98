namespace Weft.Graphs;

/// <summary>A checkpoint, task or result with step and time (docs/protocol/streaming.md D7).</summary>
internal sealed class DebugPayload(string type, int step, DateTimeOffset time, StreamPayload payload) : StreamPayload
{
    internal override long EstimateReferred() => payload.CostBytes;

    protected override byte[] Encode() => GraphJson.Encode((type, step, time, payload), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("step"u8, s.step);
        writer.WriteString("timestamp"u8, s.time.UtcDateTime);
        writer.WriteString("type"u8, s.type);
        writer.WritePropertyName("payload"u8);
        writer.WriteRawValue(s.payload.Utf8.Span, skipInputValidation: true);
        writer.WriteEndObject();
    });
}
