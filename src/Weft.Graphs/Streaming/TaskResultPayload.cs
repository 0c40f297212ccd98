namespace Weft.Graphs;

/// <summary>The result of a task (protocol, section D7).</summary>
internal sealed class TaskResultPayload(string node, TaskOutcome outcome) : StreamPayload
{
    protected override byte[] Encode() => GraphJson.Encode((node, outcome), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, s.outcome.TaskId);
        writer.WriteString("name"u8, s.node);
        writer.WriteString("error"u8, s.outcome.Error);
        writer.WritePropertyName("result"u8);
        if (s.outcome.Writes is { } writes)
        {
            writes.WriteTo(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }

        writer.WritePropertyName("interrupts"u8);
        Interrupt.WriteAll(writer, s.outcome.Interrupts);
        writer.WriteEndObject();
    });
}
