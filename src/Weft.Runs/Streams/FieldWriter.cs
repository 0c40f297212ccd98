using System.Buffers;
using System.Text;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Writes the fields of stored parts one after the other. Numbers are 7-bit encoded, low bits first.</summary>
internal sealed class FieldWriter
{
    private const int KeptBytesMax = 65_536;

    private ArrayBufferWriter<byte> _output = new(256);

    // By identity: the values that parts share are the same objects. An equal one is only written once more.
    private readonly Dictionary<object, int> _shared = new(ReferenceEqualityComparer.Instance);

    /// <summary>The number of bytes since the last <see cref="Take"/>.</summary>
    public int Length => _output.WrittenCount;

    /// <summary>The bytes since the last <see cref="Take"/>. They are valid until the next call.</summary>
    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public void Number(long value) => Number(_output, value);

    /// <summary>Writes a number to any output.</summary>
    public static void Number(ArrayBufferWriter<byte> output, long value)
    {
        // The sign is in the lowest bit, so that small negative numbers are short too.
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var span = output.GetSpan(10);
        var at = 0;
        for (; rest >= 0x80; rest >>= 7)
        {
            span[at++] = (byte)(rest | 0x80);
        }

        span[at++] = (byte)rest;
        output.Advance(at);
    }

    public void Flag(bool value) => Number(value ? 1 : 0);

    public void Time(DateTimeOffset value) => Number(value.UtcTicks);

    /// <summary>Writes a text, which may be null.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Number(0);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Number(length + 1L);
        Encoding.UTF8.GetBytes(value, _output.GetSpan(length));
        _output.Advance(length);
    }

    /// <summary>Writes a text that other parts have too, which may be null.</summary>
    public void SharedText(string? value)
    {
        if (value is null)
        {
            Number(0);
        }
        else if (TryShare(value))
        {
            Text(value);
        }
    }

    /// <summary>
    /// Writes the number of a value that other parts have too. Returns true if it is new, so that its fields must follow.
    /// </summary>
    public bool TryShare(object value)
    {
        var isNew = _shared.TryAdd(value, _shared.Count);
        Number(isNew ? 1 : _shared[value] + 2L);
        return isNew;
    }

    /// <summary>Whether a value is written already, so that it costs only its number.</summary>
    public bool Has(object value) => _shared.ContainsKey(value);

    public void Texts(IReadOnlyList<string> values)
    {
        Number(values.Count);
        foreach (var value in values)
        {
            Text(value);
        }
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length + 1L);
        _output.Write(value);
    }

    /// <summary>Writes JSON, which may be missing.</summary>
    public void Json(LazyJson? value)
    {
        if (value is null)
        {
            Number(0);
            return;
        }

        Bytes(value.Utf8.Span);
    }

    public void Interrupts(IReadOnlyList<Interrupt>? values)
    {
        if (values is null)
        {
            Number(0);
            return;
        }

        if (values.Count == 0)
        {
            Bytes("[]"u8);
            return;
        }

        Bytes(GraphJson.Encode(values, static (writer, values) => Interrupt.WriteAll(writer, values)));
    }

    /// <summary>Returns what was written and starts over.</summary>
    public byte[] Take() => TakeAfter([]);

    /// <summary>Returns what was written, behind other bytes, and starts over.</summary>
    public byte[] TakeAfter(ReadOnlySpan<byte> before)
    {
        byte[] taken = [.. before, .. _output.WrittenSpan];
        Clear();
        return taken;
    }

    /// <summary>Drops what was written since the last <see cref="Take"/>.</summary>
    public void Clear()
    {
        if (_output.Capacity > KeptBytesMax)
        {
            _output = new(256);
        }

        _output.ResetWrittenCount();
        _shared.Clear();
    }
}
