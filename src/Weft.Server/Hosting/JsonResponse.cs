using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Writes JSON answers straight into the response.</summary>
internal static class JsonResponse
{
    public const string ContentType = "application/json";

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task WriteAsync<TState>(HttpContext http, TState state, Action<Utf8JsonWriter, TState> write)
    {
        http.Response.ContentType = ContentType;
        var output = http.Response.BodyWriter;
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            write(writer, state);
        }

        await output.FlushAsync(http.RequestAborted);
    }

    public static Task WriteListAsync<T>(HttpContext http, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write) =>
        WriteAsync(http, (items, write), static (writer, list) =>
        {
            writer.WriteStartArray();
            foreach (var item in list.items)
            {
                list.write(writer, item);
            }

            writer.WriteEndArray();
        });

    public static void RawMember(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    public static void Time(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } given)
        {
            Span<char> text = stackalloc char[40];
            given.UtcDateTime.TryFormat(text, out var written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", System.Globalization.CultureInfo.InvariantCulture);
            writer.WriteString(name, text[..written]);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
