using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The data of a stream part: JSON that is encoded once, by the first who reads it, however many read it.
/// </summary>
public abstract class StreamPayload
{
    private byte[]? _utf8;

    /// <summary>The JSON in UTF-8. Any thread may ask.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ?? EncodeOnce();

    /// <summary>Makes a payload of bytes that are JSON already.</summary>
    public static StreamPayload FromUtf8(byte[] utf8) => new Bytes(utf8);

    /// <summary>Makes a payload of JSON.</summary>
    public static StreamPayload FromJson(JsonElement json) => new Element(json);

    internal static StreamPayload FromText(string text) => new Bytes(GraphJson.Encode(text, static (writer, text) => writer.WriteStringValue(text)));

    /// <summary>Makes a payload of what is encoded when it is read. It has to be immutable.</summary>
    internal static StreamPayload Of<TState>(TState state, Action<Utf8JsonWriter, TState> write) => new Lazily<TState>(state, write);

    /// <summary>About how many bytes the payload keeps in memory of its own.</summary>
    /// <remarks>Of what is not encoded yet it is what the payload refers to, whoever else keeps that too.</remarks>
    public virtual int CostBytes => _utf8?.Length ?? ValueSize.Clamp(ValueSize.ObjectBytes + EstimateReferred());

    /// <summary>How many bytes the JSON has.</summary>
    public virtual int Length => Utf8.Length;

    /// <summary>Copies the JSON to the start of <paramref name="target"/>.</summary>
    public virtual void CopyTo(Span<byte> target) => Utf8.Span.CopyTo(target);

    /// <summary>Returns the JSON as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>Makes the bytes.</summary>
    protected abstract byte[] Encode();

    /// <summary>
    /// About how many bytes that takes of which they are made. Another thread may be encoding, so that it is forgotten
    /// this moment.
    /// </summary>
    internal virtual long EstimateReferred() => 0;

    /// <summary>Lets go of that: what is encoded keeps its bytes alone.</summary>
    internal virtual void Forget()
    {
    }

    private byte[] EncodeOnce()
    {
        // Nobody else locks payloads, and a lock for each would cost what the payload does.
        lock (this)
        {
            if (_utf8 is null)
            {
                _utf8 = Encode();
                Forget();
            }

            return _utf8;
        }
    }

    private sealed class Bytes(byte[] utf8) : StreamPayload
    {
        public override int CostBytes => utf8.Length;

        protected override byte[] Encode() => utf8;
    }

    private sealed class Lazily<TState>(TState state, Action<Utf8JsonWriter, TState> write) : StreamPayload
    {
        private TState _state = state;

        protected override byte[] Encode() => GraphJson.Encode(_state, write);

        internal override long EstimateReferred() => _state is TaskWrites writes ? ValueSize.Of(writes.Channels) : ValueSize.Find(_state) ?? 0;

        internal override void Forget() => _state = default!;
    }

    private sealed class Element(JsonElement json) : StreamPayload
    {
        internal override long EstimateReferred() => ValueSize.Of(json);

        protected override byte[] Encode() => GraphJson.Encode(json, static (writer, json) => json.WriteTo(writer));
    }
}
