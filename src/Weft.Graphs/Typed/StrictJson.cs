using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>The options for the JSON of a state, and stricter ones for JSON that comes from outside.</summary>
internal sealed class StrictJson
{
    private static readonly ConditionalWeakTable<JsonSerializerOptions, StrictJson> Known = [];

    private readonly JsonSerializerOptions _options;
    private readonly JsonSerializerOptions _input;

    private StrictJson(JsonSerializerOptions given)
    {
        _options = new JsonSerializerOptions(given)
        {
            TypeInfoResolver = given.TypeInfoResolver ?? GraphJson.DefaultOptions.TypeInfoResolver,
            MaxDepth = given.MaxDepth == 0 ? GraphJson.DefaultOptions.MaxDepth : given.MaxDepth,
        };
        _options.MakeReadOnly();
        _input = new JsonSerializerOptions(_options)
        {
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        };
        _input.MakeReadOnly();
    }

    /// <summary>Returns what belongs to options. They must not change any more.</summary>
    public static StrictJson Of(JsonSerializerOptions options) => Known.GetValue(options, static given => new StrictJson(given));

    /// <summary>Returns how values of a type become JSON, and how stored JSON is read.</summary>
    /// <exception cref="NotSupportedException">
    /// The options do not know the type, and there is no reflection to learn it.
    /// </exception>
    public JsonTypeInfo<T> TypeInfo<T>() => Find<T>(_options);

    /// <summary>Returns how JSON from outside is read: unknown members, and null for what is not nullable, are errors.</summary>
    /// <exception cref="NotSupportedException">As <see cref="TypeInfo{T}"/>.</exception>
    public JsonTypeInfo<T> InputTypeInfo<T>() => Find<T>(_input);

    /// <summary>Describes an error, with the path to it.</summary>
    // The path of the exception begins with "$".
    public static string Describe(string name, JsonException error) => $"{name}{error.Path?[1..]}: {MessageOf(error)}";

    /// <summary>The message of an error, which ends with the path, without it.</summary>
    public static string MessageOf(JsonException error)
    {
        var end = error.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? error.Message : error.Message[..end];
    }

    // Basic types need not be listed in the context of an application.
    private static JsonTypeInfo<T> Find<T>(JsonSerializerOptions options) =>
        options.TryGetTypeInfo(typeof(T), out var info) || GraphJson.WebOptions.TryGetTypeInfo(typeof(T), out info)
            ? (JsonTypeInfo<T>)info
            : throw new NotSupportedException(
                $"There is no JSON metadata for {typeof(T)}: add [JsonSerializable(typeof({typeof(T).Name}))] to the context "
                    + "that the state names in [GraphState(Json = typeof(…))].");
}
