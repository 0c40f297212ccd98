using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// A value of a stream part as JSON. It is encoded once, by its first reader, no matter how many readers and protocols
/// show it. Immutable.
/// </summary>
public abstract class LazyJson
{
    private byte[]? _utf8;

    private protected LazyJson(byte[]? utf8 = null) => _utf8 = utf8;

    /// <summary>The JSON <c>null</c>.</summary>
    public static LazyJson Null { get; } = FromUtf8([.. "null"u8]);

    /// <summary>The JSON in UTF-8. Safe for concurrent use.</summary>
    /// <remarks>Throws what the code of the value's type throws if the value is not valid JSON.</remarks>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ?? EncodeOnce();

    /// <summary>The number of bytes of the JSON.</summary>
    public int Length => Utf8.Length;

    /// <summary>
    /// About how many bytes of memory the value keeps: its JSON, or before it is encoded the objects it is made from,
    /// even if others keep them too.
    /// </summary>
    public int CostBytes => _utf8?.Length ?? ValueSize.Clamp(ValueSize.ObjectBytes + EstimateSource());

    /// <summary>Creates a value from bytes that are JSON.</summary>
    public static LazyJson FromUtf8(byte[] utf8)
    {
        ArgumentNullException.ThrowIfNull(utf8);
        return new Encoded(utf8);
    }

    /// <summary>Creates a value from JSON.</summary>
    public static LazyJson FromJson(JsonElement json) => new Element(json);

    /// <summary>Creates a JSON string.</summary>
    public static LazyJson FromText(string text) =>
        FromUtf8(GraphJson.Encode(text, static (writer, text) => writer.WriteStringValue(text)));

    /// <summary>Returns the JSON as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>Creates a value that is encoded when it is read. The source must be immutable.</summary>
    /// <param name="source">What the JSON is made from.</param>
    /// <param name="write">Writes the JSON.</param>
    /// <param name="size">Estimates the memory of the source in bytes; null if it is small.</param>
    internal static LazyJson Of<TSource>(TSource source, Action<Utf8JsonWriter, TSource> write, Func<TSource, long>? size = null)
        where TSource : class => new Deferred<TSource>(source, write, size);

    /// <summary>Creates the JSON of a state.</summary>
    internal static LazyJson OfState(ChannelValues values) =>
        Of(values, static (writer, values) => values.WriteTo(writer), static values => values.EstimateBytes());

    /// <summary>Creates the JSON of what a task wrote; null for a task that wrote nothing.</summary>
    internal static LazyJson OfWrites(TaskWrites writes) =>
        writes.Channels.Count == 0 ? Null : OfWrites(writes, static (writer, writes) => writes.WriteTo(writer));

    /// <summary>Creates the JSON of what a task wrote.</summary>
    internal static LazyJson OfWrites(TaskWrites writes, Action<Utf8JsonWriter, TaskWrites> write) =>
        Of(writes, write, static writes => ValueSize.Of(writes.Channels));

    private protected abstract byte[] Encode();

    /// <summary>
    /// About how many bytes of memory the source takes. Another thread may encode the value and forget the source at
    /// the same time.
    /// </summary>
    private protected virtual long EstimateSource() => 0;

    /// <summary>Drops the source: an encoded value keeps only its bytes.</summary>
    private protected virtual void ForgetSource()
    {
    }

    private byte[] EncodeOnce()
    {
        // Nobody else locks these values, and a lock object for each would cost as much as the value.
        lock (this)
        {
            if (_utf8 is null)
            {
                _utf8 = Encode();
                ForgetSource();
            }

            return _utf8;
        }
    }

    private sealed class Encoded(byte[] utf8) : LazyJson(utf8)
    {
        private protected override byte[] Encode() => throw new InvalidOperationException("The value is encoded.");
    }

    private sealed class Element(JsonElement json) : LazyJson
    {
        private protected override byte[] Encode() => GraphJson.Encode(json, static (writer, json) => json.WriteTo(writer));

        private protected override long EstimateSource() => ValueSize.Of(json);
    }

    private sealed class Deferred<TSource>(TSource source, Action<Utf8JsonWriter, TSource> write, Func<TSource, long>? size) : LazyJson
        where TSource : class
    {
        private TSource? _source = source;

        private protected override byte[] Encode() => GraphJson.Encode(_source!, write);

        private protected override long EstimateSource() => _source is { } source && size is not null ? size(source) : 0;

        private protected override void ForgetSource() => _source = null;
    }
}
