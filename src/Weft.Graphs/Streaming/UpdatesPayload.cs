namespace Weft.Graphs;

/// <summary>What a node wrote, or the interrupts of a pause.</summary>
internal sealed class UpdatesPayload : StreamPayload
{
    private readonly string? _node;
    private readonly TaskWrites? _writes;
    private readonly IReadOnlyList<Interrupt>? _interrupts;

    public UpdatesPayload(string node, TaskWrites writes)
    {
        _node = node;
        _writes = writes;
    }

    public UpdatesPayload(IReadOnlyList<Interrupt> interrupts) => _interrupts = interrupts;

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
            if (update._writes!.IsNull)
            {
                writer.WriteNullValue();
            }
            else
            {
                update._writes.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    });
}
