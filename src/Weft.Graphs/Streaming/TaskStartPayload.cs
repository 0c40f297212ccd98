namespace Weft.Graphs;

/// <summary>The start of a task (protocol, section D7).</summary>
internal sealed class TaskStartPayload(NodeTask task, ChannelValues values) : StreamPayload
{
    protected override byte[] Encode() => GraphJson.Encode((task.Id, task.Node.Name, task.Pending, values), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, s.Id);
        writer.WriteString("name"u8, s.Name);
        writer.WritePropertyName("input"u8);
        if (s.Pending.Send is { } send)
        {
            send.Input.WriteTo(writer);
        }
        else
        {
            s.values.WriteTo(writer);
        }

        writer.WriteStartArray("triggers"u8);
        foreach (var trigger in s.Pending.Triggers)
        {
            writer.WriteStringValue(trigger);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("interrupts"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
