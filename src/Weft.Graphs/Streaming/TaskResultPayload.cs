using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The result of a task (docs/protocol/streaming.md D7).</summary>
internal sealed class TaskResultPayload(string node, TaskOutcome outcome) : StreamPayload
{
    internal override long EstimateReferred() => Interrupt.EstimateBytes(outcome.Interrupts) + (outcome.Writes is { } writes ? ValueSize.Of(writes.Channels) : 0);

    protected override byte[] Encode() => GraphJson.Encode((node, outcome), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, s.outcome.TaskId);
        writer.WriteString("name"u8, s.node);
        writer.WriteString("error"u8, s.outcome.Error);
        writer.WritePropertyName("result"u8);
        if (s.outcome.Writes is { } writes)
        {
            WriteResult(writer, writes);
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

    /// <summary>What a workflow returned stands under the name of its channel.</summary>
    private static void WriteResult(Utf8JsonWriter writer, TaskWrites writes)
    {
        if (writes.Channels.FirstOrDefault(write => write.Channel.IsWhole) is not { Channel: { } whole } returned)
        {
            writes.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName(whole.Name);
        returned.WriteTo(writer);
        writer.WriteEndObject();
    }
}
