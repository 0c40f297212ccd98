using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The result of a task that finished, failed or asked.</summary>
/// <param name="id">As <see cref="Id"/>.</param>
/// <param name="node">As <see cref="Node"/>.</param>
/// <param name="error">As <see cref="Error"/>.</param>
/// <param name="result">As <see cref="Result"/>.</param>
/// <param name="interrupts">As <see cref="Interrupts"/>.</param>
public sealed class TaskResultPart(
    string id, string node, string? error, LazyJson? result, IReadOnlyList<Interrupt> interrupts) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Tasks;

    /// <summary>The id of the task.</summary>
    public string Id => id;

    /// <summary>The node that it executed, or the durable step.</summary>
    public string Node => node;

    /// <summary>How it failed; null if it did not.</summary>
    public string? Error => error;

    /// <summary>What it wrote, as a JSON object of channel to write; null if it did not finish.</summary>
    public LazyJson? Result => result;

    /// <summary>The questions that it asked.</summary>
    public IReadOnlyList<Interrupt> Interrupts => interrupts;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.Clamp((result?.CostBytes ?? ValueSize.ObjectBytes) + Interrupt.EstimateBytes(interrupts));

    /// <inheritdoc/>
    public override void EncodeValues() => _ = result?.Utf8;

    internal static TaskResultPart Of(string node, TaskOutcome outcome) => new(
        outcome.TaskId,
        node,
        outcome.Error,
        outcome.Writes is { } writes ? LazyJson.OfWrites(writes, WriteResult) : null,
        outcome.Interrupts);

    /// <summary>Writes what a workflow returned under the name of its channel.</summary>
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
