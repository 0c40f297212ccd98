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

    /// <summary>
    /// The options for values that are neither in a state nor typed, such as items of the store, streamed data and untyped questions:
    /// names as declared, no ASCII escaping.
    /// </summary>
    /// <remarks>
    /// They resolve types by reflection. In an application that is trimmed or compiled ahead of time they know only
    /// strings, numbers and other basic types, and each value of another type needs its <see cref="JsonTypeInfo{T}"/>.
    /// </remarks>
    public static JsonSerializerOptions DefaultOptions { get; } = CreateDefaultOptions();

    // After the options of which it is made.
    private static volatile WebJson Web = new(configure: null);

    /// <summary>
    /// The options for channels and typed states without metadata of their own, for workflows, typed questions and typed contexts, as
    /// ASP.NET Core has them: names in camelCase, read without regard to case. Enums are names, also read as numbers. Null for what is
    /// not nullable, and missing parameters of constructors, are errors. <see cref="Configure"/> changes them.
    /// </summary>
    /// <remarks>As <see cref="DefaultOptions"/>, they know only basic types if there is no reflection.</remarks>
    public static JsonSerializerOptions WebOptions => Web.Options;

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

    /// <summary>
    /// Changes <see cref="WebOptions"/> for the whole process: how states become JSON. Call it once when the application starts, before
    /// its graphs are made. Each call begins with the defaults, so the last one counts.
    /// </summary>
    /// <remarks>
    /// In an application that is compiled ahead of time, <c>json => json.TypeInfoResolverChain.Insert(0, ShopJson.Default)</c> gives all
    /// channels the types of a generated context. Stored states are read with the new options too, so a new naming policy fits new
    /// threads only.
    /// </remarks>
    /// <param name="configure">Changes the defaults.</param>
    public static void Configure(Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Web = new WebJson(configure);
    }

    /// <summary>Returns the metadata of <typeparamref name="T"/>.</summary>
    public static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)DefaultOptions.GetTypeInfo(typeof(T));

    /// <summary>Returns the metadata of <typeparamref name="T"/> in <see cref="WebOptions"/>.</summary>
    public static JsonTypeInfo<T> WebTypeInfo<T>() => (JsonTypeInfo<T>)WebOptions.GetTypeInfo(typeof(T));

    /// <summary>
    /// How JSON that a caller sent becomes a value of a channel: as <see cref="WebOptions"/>, and unknown members are errors.
    /// </summary>
    internal static JsonTypeInfo<T> InputTypeInfo<T>() => (JsonTypeInfo<T>)Web.Input.GetTypeInfo(typeof(T));

    /// <summary>
    /// How values that code passes without metadata become JSON: answers, and the inputs of sends and graphs, which may be for code that
    /// reads the names as declared. A naming policy of <see cref="Configure"/> applies to them too.
    /// </summary>
    internal static JsonTypeInfo<T> PassedTypeInfo<T>() => (JsonTypeInfo<T>)Web.Passed.GetTypeInfo(typeof(T));

    /// <summary>Returns the name that a member has in passed values; null if it is the declared one.</summary>
    internal static string? PassedNameOf(string declared) =>
        Web.RenamesPassed ? WebOptions.PropertyNamingPolicy!.ConvertName(declared) : null;

    /// <summary>
    /// How stored JSON becomes a value of a channel: as <see cref="WebOptions"/>, but it may be of another version of the type, or
    /// have the names as declared, which earlier versions stored.
    /// </summary>
    internal static JsonTypeInfo<T> StoredTypeInfo<T>() => (JsonTypeInfo<T>)Web.Stored.GetTypeInfo(typeof(T));

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
    private static JsonSerializerOptions CreateWebOptions(Action<JsonSerializerOptions>? configure)
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

        configure?.Invoke(options);
        options.MakeReadOnly();
        return options;
    }

    /// <summary>The options for states, and what is derived from them.</summary>
    private sealed class WebJson
    {
        public WebJson(Action<JsonSerializerOptions>? configure)
        {
            Options = CreateWebOptions(configure);
            Input = new JsonSerializerOptions(Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
            Stored = new JsonSerializerOptions(Options)
            {
                PropertyNameCaseInsensitive = true,
                RespectNullableAnnotations = false,
                RespectRequiredConstructorParameters = false,
                UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
            };
            Passed = PassedOf(Options, isConfigured: configure is not null);
            RenamesPassed = Passed.PropertyNamingPolicy is not null;
            Input.MakeReadOnly();
            Stored.MakeReadOnly();
        }

        public JsonSerializerOptions Options { get; }

        public JsonSerializerOptions Input { get; }

        public JsonSerializerOptions Stored { get; }

        public JsonSerializerOptions Passed { get; }

        /// <summary>Whether <see cref="Passed"/> has a naming policy.</summary>
        public bool RenamesPassed { get; }

        private static JsonSerializerOptions PassedOf(JsonSerializerOptions options, bool isConfigured)
        {
            if (!isConfigured)
            {
                return DefaultOptions;
            }

            if (options.PropertyNamingPolicy != JsonNamingPolicy.CamelCase)
            {
                return options;
            }

            var passed = new JsonSerializerOptions(options) { PropertyNamingPolicy = null };
            passed.MakeReadOnly();
            return passed;
        }
    }

    /// <summary>A writer and its buffer. Each thread keeps two that are not in use, because one value is often written inside another.</summary>
    private sealed class Scratch
    {
        private const int KeptBytesMax = 1 << 20;

        [ThreadStatic]
        private static Scratch? Free;

        private Scratch? _next;

        private Scratch() => Writer = new Utf8JsonWriter(Buffer, WriterOptions);

        public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        public Utf8JsonWriter Writer { get; }

        public static Scratch Rent()
        {
            var scratch = Free ?? new Scratch();
            Free = scratch._next;
            scratch._next = null;
            return scratch;
        }

        public static void Return(Scratch scratch)
        {
            if (scratch.Buffer.Capacity > KeptBytesMax || Free is { _next: not null })
            {
                return;
            }

            scratch.Buffer.ResetWrittenCount();
            scratch.Writer.Reset();
            scratch._next = Free;
            Free = scratch;
        }
    }
}
