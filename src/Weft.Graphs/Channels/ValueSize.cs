using System.Runtime.InteropServices;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Estimates the size of values in memory, for caches with a limit.</summary>
internal static class ValueSize
{
    /// <summary>The bytes of an object in addition to its data.</summary>
    public const int ObjectBytes = 64;

    // Longer lists are estimated by some of their items.
    private const int SampleMax = 32;

    /// <summary>The size of a value whose type determines it; null if its JSON is needed.</summary>
    public static long? Find(object? value) => value switch
    {
        null => 0,
        MessageList messages => messages.Bytes,
        string text => ObjectBytes + (2L * text.Length),
        byte[] bytes => bytes.Length,
        JsonElement json => Of(json),
        Message message => message.Utf8.Length,
        IReadOnlyList<Message> messages => messages.Sum(message => (long)message.Utf8.Length),
        IReadOnlyList<JsonElement> items => Sum(items, Of),
        IReadOnlyList<string?> items => Sum(items, static text => ObjectBytes + (2L * (text?.Length ?? 0))),
        bool or int or long or double or decimal or float or DateTime or DateTimeOffset or Guid or TimeSpan or Enum => ObjectBytes,
        _ => null,
    };

    public static long Of(JsonElement json)
    {
        try
        {
            return ObjectBytes + (json.ValueKind == JsonValueKind.Undefined ? 0 : 2L * JsonMarshal.GetRawUtf8Value(json).Length);
        }
        catch (ObjectDisposedException)
        {
            // Readers of the value get the error.
            return ObjectBytes;
        }
    }

    /// <summary>
    /// The length of the JSON that a function writes. The function fails if the value can't be written as JSON.
    /// </summary>
    public static long OfJson<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        try
        {
            return ObjectBytes + (2L * GraphJson.Encode(state, write).Length);
        }
        catch (Exception)
        {
            // The code of the value's type threw. It throws again when the value is read.
            return ObjectBytes;
        }
    }

    /// <summary>The size of a list whose items have to be encoded to be counted.</summary>
    public static long Sampled<T>(IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            return ObjectBytes;
        }

        var samples = Math.Min(SampleMax, items.Count);
        long bytes = 0;
        for (var i = 0; i < samples; i++)
        {
            bytes += OfJson(items[(int)((long)i * items.Count / samples)], write);
        }

        return ObjectBytes + (bytes * items.Count / samples);
    }

    public static long Of(IReadOnlyList<ChannelWrite> writes)
    {
        long bytes = ObjectBytes;
        foreach (var write in writes)
        {
            bytes += Find(write.Value) ?? OfJson(write, static (writer, write) => write.WriteTo(writer));
        }

        return bytes;
    }

    public static int Clamp(long bytes) => (int)Math.Min(bytes, int.MaxValue);

    private static long Sum<T>(IReadOnlyList<T> items, Func<T, long> size)
    {
        long bytes = ObjectBytes;
        for (var i = 0; i < items.Count; i++)
        {
            bytes += size(items[i]);
        }

        return bytes;
    }
}
