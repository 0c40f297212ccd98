namespace Weft.Graphs;

/// <summary>The start of a task (docs/protocol/streaming.md D7).</summary>
internal sealed class TaskStartPayload(string id, PendingTask task, ChannelValues values) : StreamPayload
{
    private ChannelValues? _values = values;

    internal override long EstimateReferred() => task.Send is { } send ? ValueSize.Of(send.Input) : _values?.EstimateBytes() ?? 0;

    internal override void Forget() => _values = null;

    protected override byte[] Encode() => GraphJson.Encode((id, task, values: _values!), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, s.id);
        writer.WriteString("name"u8, s.task.Node);
        writer.WritePropertyName("input"u8);
        if (s.task.Send is { } send)
        {
            send.Input.WriteTo(writer);
        }
        else
        {
            s.values.WriteTo(writer);
        }

        writer.WriteStartArray("triggers"u8);
        foreach (var trigger in s.task.Triggers)
        {
            writer.WriteStringValue(trigger);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("interrupts"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
