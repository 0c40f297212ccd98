using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// A state, with the interrupts of a pause. The state is immutable, so it is encoded only if someone reads it.
/// </summary>
internal sealed class ValuesPayload(ChannelValues values, IReadOnlyList<Interrupt>? interrupts) : StreamPayload
{
    private ChannelValues? _values = values;
    private IReadOnlyList<Interrupt>? _interrupts = interrupts;

    internal override long EstimateReferred() => (_values?.EstimateBytes() ?? 0) + Interrupt.EstimateBytes(_interrupts);

    internal override void Forget()
    {
        _values = null;
        _interrupts = null;
    }

    protected override byte[] Encode() => GraphJson.Encode((values: _values!, interrupts: _interrupts), static (writer, state) => Write(writer, state.values, state.interrupts));

    internal static void Write(Utf8JsonWriter writer, ChannelValues values, IReadOnlyList<Interrupt>? interrupts)
    {
        if (interrupts is null)
        {
            values.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        values.WriteMembers(writer);
        writer.WritePropertyName("__interrupt__"u8);
        Interrupt.WriteAll(writer, interrupts);
        writer.WriteEndObject();
    }
}
