using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Values of channels as JSON.</summary>
internal static class ChannelJson
{
    public static object Read<T>(string channel, JsonElement json, JsonTypeInfo<T>? typeInfo)
    {
        if (typeof(T) == typeof(JsonElement))
        {
            // Detached from the document it came in, so that a state does not keep whole requests alive.
            return json.Clone();
        }

        try
        {
            return Boxed.Of(json.Deserialize(typeInfo ?? GraphJson.TypeInfo<T>()));
        }
        catch (JsonException e)
        {
            throw new InvalidUpdateException($"The value for '{channel}' is not a {typeof(T).Name}: {e.Message}");
        }
    }

    public static void Write<T>(string channel, Utf8JsonWriter writer, object value, JsonTypeInfo<T>? typeInfo)
    {
        if (ReferenceEquals(value, Boxed.Null))
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
                JsonSerializer.Serialize(writer, (T)value, typeInfo ?? GraphJson.TypeInfo<T>());
            }
        }
        catch (Exception e)
        {
            // Whatever the code of the value's type throws; or it nests too deep.
            throw new InvalidUpdateException($"The value of '{channel}' is no JSON: {e.Message}", e);
        }
    }
}
