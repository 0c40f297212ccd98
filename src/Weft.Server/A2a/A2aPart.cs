using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A part of a message or an artifact: text, data or a file.</summary>
internal sealed record A2aPart
{
    /// <summary>The text, as a JSON string.</summary>
    public ReadOnlyMemory<byte>? TextJson { get; private init; }

    public JsonElement? Data { get; private init; }

    /// <summary>The bytes of a file, in base64.</summary>
    public string? Bytes { get; private init; }

    /// <summary>The address of a file.</summary>
    public string? Url { get; private init; }

    public string? MediaType { get; private init; }

    public string? FileName { get; private init; }

    public static A2aPart OfText(string text) => OfJson(GrowingText.Encode(text));

    /// <summary>Makes a text of a JSON string.</summary>
    public static A2aPart OfJson(ReadOnlyMemory<byte> textJson) => new() { TextJson = textJson };

    public static A2aPart OfData(JsonElement data) => new() { Data = data };

    /// <summary>Text is text, an object is data, and other values are the text of their JSON.</summary>
    public static A2aPart OfValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => OfData(value),
        JsonValueKind.String => OfText(value.GetString()!),
        _ => OfText(value.GetRawText()),
    };

    /// <summary>Reads a part in the shape of either version.</summary>
    /// <exception cref="JsonRpcException">It is none.</exception>
    public static A2aPart Read(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw JsonRpcException.InvalidParams(path, "It must be an object.");
        }

        if (JsonFields.Text(json, "text") is { } text)
        {
            return OfText(text);
        }

        if (JsonFields.Any(json, "data") is { ValueKind: not JsonValueKind.Undefined } data)
        {
            return OfData(data);
        }

        var file = JsonFields.Object(json, "file") is { ValueKind: JsonValueKind.Object } inner ? inner : json;
        var bytes = JsonFields.Text(file, "bytes") ?? JsonFields.Text(file, "raw");
        var url = JsonFields.Text(file, "uri") ?? JsonFields.Text(file, "url");
        if (bytes is null && url is null)
        {
            throw A2aErrors.Of(A2aErrors.ContentTypeNotSupported, $"{path}: It must have text, data, or a file.");
        }

        return new A2aPart
        {
            Bytes = bytes,
            Url = url,
            MediaType = JsonFields.Text(file, "mimeType") ?? JsonFields.Text(file, "mediaType"),
            FileName = JsonFields.Text(file, "name") ?? JsonFields.Text(file, "filename"),
        };
    }

    /// <summary>Reads a block of a message of a graph; null if clients do not need it.</summary>
    public static A2aPart? OfBlock(JsonElement block)
    {
        if (block.ValueKind == JsonValueKind.String)
        {
            return OfText(block.GetString()!);
        }

        switch (JsonFields.Text(block, "type"))
        {
            case "text" when JsonFields.Text(block, "text") is { } text:
                return OfText(text);
            case "image_url" when (JsonFields.Text(JsonFields.Object(block, "image_url"), "url") ?? JsonFields.Text(block, "image_url")) is { } url:
                return OfFile(url, "image/*", null);
            case "image" or "audio" or "video" or "file":
                var source = JsonFields.Object(block, "file") is { ValueKind: JsonValueKind.Object } inner ? inner : block;
                var name = JsonFields.Text(source, "filename");
                var mediaType = JsonFields.Text(source, "mime_type") ?? "application/octet-stream";
                return (JsonFields.Text(source, "url") ?? JsonFields.Text(source, "file_data")) is { } at ? OfFile(at, mediaType, name)
                    : (JsonFields.Text(source, "data") ?? JsonFields.Text(source, "base64")) is { } data
                        ? new A2aPart { Bytes = data, MediaType = mediaType, FileName = name }
                    : null;
            default:
                return null;
        }
    }

    public void WriteTo(Utf8JsonWriter writer, bool isV1)
    {
        writer.WriteStartObject();
        if (TextJson is { } text)
        {
            WriteKind(writer, "text"u8, isV1);
            writer.WritePropertyName("text"u8);
            writer.WriteRawValue(text.Span, skipInputValidation: true);
        }
        else if (Data is { } data)
        {
            WriteKind(writer, "data"u8, isV1);
            writer.WritePropertyName("data"u8);
            data.WriteTo(writer);
        }
        else
        {
            WriteKind(writer, "file"u8, isV1);
            WriteFile(writer, isV1);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the block of a message of a graph (docs/protocol/messages.md F3).</summary>
    public void WriteBlock(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (TextJson is { } text)
        {
            writer.WriteString("type"u8, "text"u8);
            writer.WritePropertyName("text"u8);
            writer.WriteRawValue(text.Span, skipInputValidation: true);
        }
        else if (MediaType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) is true)
        {
            writer.WriteString("type"u8, "image_url"u8);
            writer.WriteStartObject("image_url"u8);
            writer.WriteString("url"u8, Url ?? $"data:{MediaType};base64,{Bytes}");
            writer.WriteEndObject();
        }
        else
        {
            var kind = MediaType?.Split('/')[0];
            writer.WriteString("type"u8, kind is "audio" or "video" ? kind : "file");
            writer.WriteString("source_type"u8, Url is null ? "base64"u8 : "url"u8);
            writer.WriteString(Url is null ? "data"u8 : "url"u8, Url ?? Bytes);
            WriteOptional(writer, "mime_type"u8, MediaType);
            WriteOptional(writer, "filename"u8, FileName);
        }

        writer.WriteEndObject();
    }

    private static A2aPart OfFile(string url, string mediaType, string? name)
    {
        const string Encoded = ";base64,";
        var comma = url.IndexOf(Encoded, StringComparison.Ordinal);
        return url.StartsWith("data:", StringComparison.Ordinal) && comma > 0
            ? new A2aPart { Bytes = url[(comma + Encoded.Length)..], MediaType = url["data:".Length..comma], FileName = name }
            : new A2aPart { Url = url, MediaType = mediaType, FileName = name };
    }

    private void WriteFile(Utf8JsonWriter writer, bool isV1)
    {
        if (!isV1)
        {
            writer.WriteStartObject("file"u8);
        }

        if (Bytes is not null)
        {
            writer.WriteString(isV1 ? "raw"u8 : "bytes"u8, Bytes);
        }
        else
        {
            writer.WriteString(isV1 ? "url"u8 : "uri"u8, Url);
        }

        WriteOptional(writer, isV1 ? "mediaType"u8 : "mimeType"u8, MediaType);
        WriteOptional(writer, isV1 ? "filename"u8 : "name"u8, FileName);
        if (!isV1)
        {
            writer.WriteEndObject();
        }
    }

    private static void WriteKind(Utf8JsonWriter writer, ReadOnlySpan<byte> kind, bool isV1)
    {
        if (!isV1)
        {
            writer.WriteString("kind"u8, kind);
        }
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
