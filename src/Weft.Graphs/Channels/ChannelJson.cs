using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Values of channels as JSON.</summary>
internal static class ChannelJson
{
    /// <summary>Reads JSON that a caller of the graph sent.</summary>
    /// <exception cref="InvalidUpdateException">It does not fit the type.</exception>
    public static object ReadInput<T>(string channel, JsonElement json, JsonTypeInfo<T>? typeInfo)
    {
        if (typeInfo is not null)
        {
            return Read(channel, json, typeInfo);
        }

        try
        {
            return NullSentinel.Wrap(Deserialize(json, GraphJson.InputTypeInfo<T>()));
        }
        catch (JsonException e)
        {
            throw new InvalidUpdateException(e.Path is null or "$"
                ? $"The value for '{channel}' is not a {typeof(T).Name}: {StrictJson.MessageOf(e)}"
                : StrictJson.Describe(channel, e));
        }
    }

    /// <summary>Whether the JSON of a type is an object with members that are known.</summary>
    public static bool HasMembers<T>(JsonTypeInfo<T>? typeInfo)
    {
        if (typeof(T).IsPrimitive || typeof(T) == typeof(string))
        {
            return false;
        }

        try
        {
            return (typeInfo ?? GraphJson.InputTypeInfo<T>()).Kind == JsonTypeInfoKind.Object;
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            // The type can't be read from JSON.
            return false;
        }
    }

    /// <summary>Reads JSON that was stored, or that a node made.</summary>
    /// <exception cref="InvalidUpdateException">It does not fit the type.</exception>
    public static object Read<T>(string channel, JsonElement json, JsonTypeInfo<T>? typeInfo)
    {
        if (typeof(T) == typeof(JsonElement))
        {
            // Detached from its document, so that a state does not keep whole requests in memory.
            return json.Clone();
        }

        try
        {
            return NullSentinel.Wrap(Deserialize(json, typeInfo ?? GraphJson.StoredTypeInfo<T>()));
        }
        catch (JsonException e)
        {
            throw new InvalidUpdateException($"The value for '{channel}' is not a {typeof(T).Name}: {e.Message}");
        }
    }

    /// <exception cref="JsonException">The JSON does not fit the type.</exception>
    public static T? Deserialize<T>(JsonElement json, JsonTypeInfo<T> typeInfo) =>
        typeof(T) == typeof(JsonElement) ? (T)(object)json.Clone() : (IsWhole<T>() ? AsWhole(json) : json).Deserialize(typeInfo);

    private static bool IsWhole<T>() =>
        Type.GetTypeCode(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) is >= TypeCode.SByte and <= TypeCode.UInt64
        && !(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)).IsEnum;

    /// <summary>
    /// A whole number may be written as <c>1.0</c> or <c>1e3</c>, as clients do whose language has one type of number.
    /// </summary>
    private static JsonElement AsWhole(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number
            && !json.TryGetInt64(out _) && json.TryGetDecimal(out var number) && decimal.IsInteger(number)
            ? GraphJson.Parse(Encoding.UTF8.GetBytes(number.ToString("0", CultureInfo.InvariantCulture)))
            : json;

    public static void Write<T>(string channel, Utf8JsonWriter writer, object value, JsonTypeInfo<T>? typeInfo)
    {
        if (ReferenceEquals(value, NullSentinel.Instance))
        {
            writer.WriteNullValue();
            return;
        }

        try
        {
            if (value is JsonElement element)
            {
                element.WriteTo(writer);
            }
            else
            {
                JsonSerializer.Serialize(writer, (T)value, typeInfo ?? GraphJson.WebTypeInfo<T>());
            }
        }
        catch (Exception e)
        {
            // The code of the value's type threw, or the value nests too deep.
            throw new InvalidUpdateException($"The value of '{channel}' is not valid JSON: {e.Message}", e);
        }
    }
}
