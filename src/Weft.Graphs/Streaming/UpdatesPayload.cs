namespace Weft.Graphs;

/// <summary>What a node wrote, or the interrupts of a pause.</summary>
internal sealed class UpdatesPayload : StreamPayload
{
    private readonly string? _node;
    private readonly TaskWrites? _writes;
    private readonly bool _cached;
    private readonly IReadOnlyList<Interrupt>? _interrupts;

    /// <param name="node">The node.</param>
    /// <param name="writes">What it wrote.</param>
    /// <param name="cached">Whether it did so in an earlier run and is not run again.</param>
    public UpdatesPayload(string node, TaskWrites writes, bool cached = false)
    {
        _node = node;
        _writes = writes;
        _cached = cached;
    }

    public UpdatesPayload(IReadOnlyList<Interrupt> interrupts) => _interrupts = interrupts;

    internal override long EstimateReferred() => _writes is null ? Interrupt.EstimateBytes(_interrupts) : ValueSize.Of(_writes.Channels);

    protected override byte[] Encode() => GraphJson.Encode(this, static (writer, update) =>
    {
        writer.WriteStartObject();
        if (update._node is null)
        {
            writer.WritePropertyName("__interrupt__"u8);
            Interrupt.WriteAll(writer, update._interrupts!);
        }
        else
        {
            writer.WritePropertyName(update._node);
            if (update._writes!.Channels.Count == 0)
            {
                writer.WriteNullValue();
            }
            else
            {
                update._writes.WriteTo(writer);
            }

            if (update._cached)
            {
                writer.WriteStartObject("__metadata__"u8);
                writer.WriteBoolean("cached"u8, true);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    });
}
