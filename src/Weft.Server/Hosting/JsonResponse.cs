using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Writes JSON directly into the response.</summary>
internal static class JsonResponse
{
    public const string ContentType = "application/json";

    /// <summary>The length of a time with microseconds, as in <c>2026-01-31T10:20:30.123456</c>.</summary>
    private const int MicrosecondsLength = 26;

    private const int TimeLength = MicrosecondsLength + 6;

    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes JSON, maybe behind the spaces that kept the connection open until now.</summary>
    public static async Task WriteAsync<TState>(HttpContext http, TState state, Action<Utf8JsonWriter, TState> write)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = ContentType;
        }

        var output = http.Response.BodyWriter;
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            write(writer, state);
        }

        await output.FlushAsync(http.RequestAborted);
    }

    /// <summary>Writes a list item by item, at the pace at which the client reads.</summary>
    public static Task WriteListAsync<T>(HttpContext http, IEnumerable<T> items, Action<Utf8JsonWriter, T> write) =>
        WriteListAsync(http, items.ToAsyncEnumerable(), write);

    /// <summary>Writes a list item by item. The next item is read when the client has received most of the previous ones.</summary>
    /// <param name="http">The request.</param>
    /// <param name="items">The items. An error while the first 64 KB are read becomes the response; a later one aborts it.</param>
    /// <param name="write">Writes an item.</param>
    public static async Task WriteListAsync<T>(HttpContext http, IAsyncEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        using var buffer = new AnswerBuffer();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartArray();
        await WriteItemsAsync(http, writer, buffer, items, write);
        writer.WriteEndArray();
        await SendAsync(http, writer, buffer);
    }

    /// <summary>Writes an object with a member that is a list, item by item.</summary>
    /// <param name="http">The request.</param>
    /// <param name="member">The name of the list.</param>
    /// <param name="items">The items.</param>
    /// <param name="write">Writes an item.</param>
    /// <param name="writeRest">Writes the members after the list, if there are any.</param>
    public static async Task WriteListAsync<T>(
        HttpContext http,
        string member,
        IAsyncEnumerable<T> items,
        Action<Utf8JsonWriter, T> write,
        Action<Utf8JsonWriter>? writeRest = null)
    {
        using var buffer = new AnswerBuffer();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray(member);
        await WriteItemsAsync(http, writer, buffer, items, write);
        writer.WriteEndArray();
        writeRest?.Invoke(writer);
        writer.WriteEndObject();
        await SendAsync(http, writer, buffer);
    }

    private static async Task WriteItemsAsync<T>(
        HttpContext http, Utf8JsonWriter writer, AnswerBuffer buffer, IAsyncEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        await foreach (var item in items.WithCancellation(http.RequestAborted))
        {
            write(writer, item);
            if (buffer.Length + writer.BytesPending >= AnswerBuffer.SendBytesMin)
            {
                await SendAsync(http, writer, buffer);
            }
        }
    }

    private static async Task SendAsync(HttpContext http, Utf8JsonWriter writer, AnswerBuffer buffer)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = ContentType;
        }

        writer.Flush();
        await buffer.SendAsync(http.Response.BodyWriter, http.RequestAborted);
    }

    public static void RawMember(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    public static void Number(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } given)
        {
            writer.WriteNumber(name, given);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    public static void Time(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } given)
        {
            // The round-trip format has a fast path, unlike one of our own. Its seventh digit and its Z give way to the offset.
            Span<byte> text = stackalloc byte[TimeLength];
            given.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
            "+00:00"u8.CopyTo(text[MicrosecondsLength..]);
            writer.WriteString(name, text);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
