using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The data of a stream part: JSON that is encoded once, by the first who reads it, however many read it.</summary>
public abstract class StreamPayload
{
    private byte[]? _utf8;

    /// <summary>The JSON in UTF-8. Any thread may ask; what two ask at the same time is encoded twice and the same.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ??= Encode();

    /// <summary>Makes a payload of bytes that are JSON already.</summary>
    public static StreamPayload FromUtf8(byte[] utf8) => new Bytes(utf8);

    /// <summary>Makes a payload of JSON.</summary>
    public static StreamPayload FromJson(JsonElement json) => new Element(json);

    internal static StreamPayload FromText(string text) => new Bytes(GraphJson.Encode(text, static (writer, text) => writer.WriteStringValue(text)));

    /// <summary>Makes a payload of what is encoded when it is read. It has to be immutable.</summary>
    internal static StreamPayload Of<TState>(TState state, Action<Utf8JsonWriter, TState> write) => new Lazily<TState>(state, write);

    /// <summary>About how many bytes the payload keeps in memory of its own.</summary>
    public virtual int CostBytes => _utf8?.Length ?? 64;

    /// <summary>How many bytes the JSON has.</summary>
    public virtual int Length => Utf8.Length;

    /// <summary>Copies the JSON to the start of <paramref name="target"/>.</summary>
    public virtual void CopyTo(Span<byte> target) => Utf8.Span.CopyTo(target);

    /// <summary>Returns the JSON as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>Makes the bytes.</summary>
    protected abstract byte[] Encode();

    private sealed class Bytes(byte[] utf8) : StreamPayload
    {
        public override int CostBytes => utf8.Length;

        protected override byte[] Encode() => utf8;
    }

    private sealed class Lazily<TState>(TState state, Action<Utf8JsonWriter, TState> write) : StreamPayload
    {
        protected override byte[] Encode() => GraphJson.Encode(state, write);
    }

    private sealed class Element(JsonElement json) : StreamPayload
    {
        protected override byte[] Encode() => GraphJson.Encode(json, static (writer, json) => json.WriteTo(writer));
    }
}
