using System.Buffers;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A text that arrives in pieces. It is kept as JSON, so that pieces are neither decoded nor encoded again.</summary>
internal sealed class GrowingText
{
    // Escaped as in JSON, without the quotes.
    private readonly ArrayBufferWriter<byte> _escaped = new();

    public bool IsEmpty => _escaped.WrittenCount == 0;

    /// <summary>Adds a piece: a JSON string with its quotes.</summary>
    public void Append(ReadOnlySpan<byte> json) => _escaped.Write(json[1..^1]);

    public void Append(GrowingText other) => _escaped.Write(other._escaped.WrittenSpan);

    /// <summary>Returns a text as the piece that <see cref="Append(ReadOnlySpan{byte})"/> takes.</summary>
    public static byte[] Encode(string text) => GraphJson.Encode(text, static (writer, text) => writer.WriteStringValue(text));

    /// <summary>Returns the text as a JSON string.</summary>
    public byte[] ToJson() => [(byte)'"', .. _escaped.WrittenSpan, (byte)'"'];

    public void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(ToJson(), skipInputValidation: true);
}
