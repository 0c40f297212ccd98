using System.Buffers;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A piece of the body of an earlier checkpoint, whose bytes a later body does not repeat.</summary>
/// <param name="Ordinal">The earlier checkpoint.</param>
/// <param name="Start">The offset of the piece in its body.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct StoredPiece(long Ordinal, int Start, int Length)
{
    private static ReadOnlySpan<byte> BeforeAppended => ",\"a\":"u8;

    /// <summary>Reads a piece, from the start of its array.</summary>
    public static StoredPiece Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        var ordinal = reader.GetInt64();
        reader.Read();
        var start = reader.GetInt32();
        reader.Read();
        var length = reader.GetInt32();
        reader.Read();
        return new StoredPiece(ordinal, start, length);
    }

    /// <summary>
    /// Returns a difference without the items that it appends; null if those are not <paramref name="appended"/>.
    /// </summary>
    public static byte[]? Cut(ReadOnlySpan<byte> delta, ReadOnlySpan<byte> appended)
    {
        var at = delta.Length - 1 - appended.Length - BeforeAppended.Length;
        return at > 0 && delta[at..].StartsWith(BeforeAppended) && delta[(at + BeforeAppended.Length)..^1].SequenceEqual(appended)
            ? [.. delta[..at], (byte)'}']
            : null;
    }

    /// <summary>Writes a difference with the appended items that <see cref="Cut"/> removed.</summary>
    public static void Join(IBufferWriter<byte> buffer, ReadOnlySpan<byte> delta, ReadOnlySpan<byte> appended)
    {
        buffer.Write(delta[..^1]);
        buffer.Write(BeforeAppended);
        buffer.Write(appended);
        buffer.Write("}"u8);
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(Ordinal);
        writer.WriteNumberValue(Start);
        writer.WriteNumberValue(Length);
        writer.WriteEndArray();
    }

    public ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> body) => Start + Length <= body.Length
        ? body.Slice(Start, Length)
        : throw new InvalidDataException($"The checkpoint with ordinal {Ordinal} does not have the bytes that others refer to.");
}
