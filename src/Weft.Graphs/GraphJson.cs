using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Converts values of the engine to JSON and back.</summary>
public static class GraphJson
{
    /// <summary>
    /// The greatest depth to which a value of a channel, an item or a stream may nest. It is less than the limit of
    /// readers, because checkpoints, events and answers wrap the value.
    /// </summary>
    public const int ValueDepthMax = 900;

    // The limit of writers.
    private const int DepthMax = 1000;

    private const string SuppressionReason = "The fallback for types without metadata; documented on DefaultOptions.";

    /// <summary>The options for types without metadata of their own: names as declared, no ASCII escaping.</summary>
    /// <remarks>
    /// They resolve types by reflection. In an application that is trimmed or compiled ahead of time they know only
    /// strings, numbers and other basic types, and each channel of another type needs its
    /// <see cref="JsonTypeInfo{T}"/>.
    /// </remarks>
    public static JsonSerializerOptions DefaultOptions { get; } = CreateDefaultOptions();

    /// <summary>
    /// The options for typed states, typed questions and typed contexts, as ASP.NET Core has them: names in camelCase, read
    /// without regard to case. Enums are names, also read as numbers. Null for what is not nullable, and missing
    /// parameters of constructors, are errors.
    /// </summary>
    /// <remarks>As <see cref="DefaultOptions"/>, they know only basic types if there is no reflection.</remarks>
    public static JsonSerializerOptions WebOptions { get; } = CreateWebOptions();

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

    /// <summary>Returns the metadata of <typeparamref name="T"/> in <see cref="WebOptions"/>.</summary>
    public static JsonTypeInfo<T> WebTypeInfo<T>() => (JsonTypeInfo<T>)WebOptions.GetTypeInfo(typeof(T));

    /// <summary>
    /// Returns <paramref name="value"/> as JSON. A value that is already JSON is copied out of its document.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The document of the value is disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// The value is the default JSON element, which has no value.
    /// </exception>
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
            // Each level takes at least two characters.
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

    /// <summary>
    /// As <see cref="Encode"/>, but returns null if <paramref name="write"/> returns that it wrote nothing.
    /// </summary>
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

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = SuppressionReason)]
    private static JsonSerializerOptions CreateWebOptions()
    {
        var options = new JsonSerializerOptions(DefaultOptions)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            PropertyNameCaseInsensitive = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            options.Converters.Add(new JsonStringEnumConverter());
        }

        options.MakeReadOnly();
        return options;
    }

    /// <summary>A writer and its buffer. Each thread keeps one that is not in use.</summary>
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
