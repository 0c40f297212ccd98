using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>How the engine turns values into JSON and back.</summary>
public static class GraphJson
{
    /// <summary>
    /// How many levels deep a value may nest, be it of a channel, of an item or of a stream: less than what readers
    /// take, because checkpoints, events and answers wrap it.
    /// </summary>
    public const int ValueDepthMax = 900;

    // As deep as writers go.
    private const int DepthMax = 1000;

    private const string SuppressionReason = "The fallback for types without metadata; documented on DefaultOptions.";

    /// <summary>Used for types that are given no metadata of their own: names as declared, no ASCII escaping.</summary>
    /// <remarks>
    /// Resolves types by reflection. An application that is trimmed or compiled ahead of time has none: there these
    /// options know texts, numbers and other basic types, and each channel of another type is given its
    /// <see cref="JsonTypeInfo{T}"/>.
    /// </remarks>
    public static JsonSerializerOptions DefaultOptions { get; } = CreateDefaultOptions();

    /// <summary>The JSON <c>null</c>.</summary>
    public static JsonElement Null { get; } = Parse("null"u8);

    /// <summary>The JSON <c>{}</c>.</summary>
    public static JsonElement EmptyObject { get; } = Parse("{}"u8);

    internal static JsonReaderOptions ReaderOptions => new() { MaxDepth = DepthMax };

    internal static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Returns the metadata of <typeparamref name="T"/>.</summary>
    public static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)DefaultOptions.GetTypeInfo(typeof(T));

    /// <summary>
    /// Returns <paramref name="value"/> as JSON, which what is JSON already does not share with its document.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The document of the value is disposed.</exception>
    /// <exception cref="InvalidOperationException">The value is the default JSON element, which is no JSON.</exception>
    public static JsonElement ToElement<T>(T value, JsonTypeInfo<T>? typeInfo = null) => value switch
    {
        JsonElement element => element.Clone(),
        null => Null,
        _ => JsonSerializer.SerializeToElement(value, typeInfo ?? TypeInfo<T>()),
    };

    /// <summary>Whether JSON nests no deeper than <paramref name="depthMax"/>.</summary>
    internal static bool IsWithin(JsonElement json, int depthMax)
    {
        var utf8 = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(json);
        if (utf8.Length <= 2 * depthMax)
        {
            // Each level takes two characters at the least.
            return true;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= depthMax && (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Parses JSON that is known to be well formed.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>Runs <paramref name="write"/> against a pooled writer and returns what it wrote.</summary>
    public static byte[] Encode<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return TryEncode((state, write), static (writer, s) =>
        {
            s.write(writer, s.state);
            return true;
        })!;
    }

    /// <summary>As <see cref="Encode"/>, but null when <paramref name="write"/> says that it wrote nothing.</summary>
    internal static byte[]? TryEncode<TState>(TState state, Func<Utf8JsonWriter, TState, bool> write)
    {
        var scratch = Scratch.Rent();
        try
        {
            if (!write(scratch.Writer, state))
            {
                return null;
            }

            scratch.Writer.Flush();
            return scratch.Buffer.WrittenSpan.ToArray();
        }
        finally
        {
            Scratch.Return(scratch);
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = SuppressionReason)]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = SuppressionReason)]
    private static JsonSerializerOptions CreateDefaultOptions()
    {
        var options = new JsonSerializerOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = DepthMax,
            TypeInfoResolver = JsonSerializer.IsReflectionEnabledByDefault
                ? new DefaultJsonTypeInfoResolver()
                : BasicTypesJsonContext.Default,
        };
        options.MakeReadOnly();
        return options;
    }

    /// <summary>A writer and its buffer, one per thread while nobody has it.</summary>
    private sealed class Scratch
    {
        private const int KeptBytesMax = 1 << 20;

        [ThreadStatic]
        private static Scratch? Free;

        private Scratch() => Writer = new Utf8JsonWriter(Buffer, WriterOptions);

        public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        public Utf8JsonWriter Writer { get; }

        public static Scratch Rent()
        {
            var scratch = Free ?? new Scratch();
            Free = null;
            return scratch;
        }

        public static void Return(Scratch scratch)
        {
            if (scratch.Buffer.Capacity > KeptBytesMax)
            {
                return;
            }

            scratch.Buffer.ResetWrittenCount();
            scratch.Writer.Reset();
            Free = scratch;
        }
    }
}
