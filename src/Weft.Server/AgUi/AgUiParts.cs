using System.Text.Json;

namespace Weft.Server;

/// <summary>Writes the content of a person's message: a text, or content blocks as parts of AG-UI.</summary>
internal static class AgUiParts
{
    public static void Write(Utf8JsonWriter writer, JsonElement content)
    {
        if (content.ValueKind != JsonValueKind.Array)
        {
            writer.WriteStringValue(content.ValueKind == JsonValueKind.String ? content.GetString() : "");
            return;
        }

        writer.WriteStartArray();
        foreach (var block in content.EnumerateArray())
        {
            WriteBlock(writer, block);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes a block. Blocks for which AG-UI has no part are left out.</summary>
    private static void WriteBlock(Utf8JsonWriter writer, JsonElement block)
    {
        if (block.ValueKind == JsonValueKind.String)
        {
            WriteText(writer, block.GetString()!);
            return;
        }

        switch (AgUiFields.TextOrNull(block, "type"))
        {
            case "text":
                WriteText(writer, AgUiFields.TextOrNull(block, "text") ?? "");
                break;
            case "image_url":
                var image = AgUiFields.Find(block, "image_url") ?? default;
                if ((image.ValueKind == JsonValueKind.String ? image.GetString() : AgUiFields.TextOrNull(image, "url")) is { } url)
                {
                    WriteUrl(writer, "image", url, null);
                }

                break;
            case "image" or "audio" or "video" or "file":
                WriteMedia(writer, block);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    private static void WriteMedia(Utf8JsonWriter writer, JsonElement block)
    {
        var type = AgUiFields.TextOrNull(block, "type") is "file" ? "document" : AgUiFields.TextOrNull(block, "type")!;
        var mimeType = AgUiFields.TextOrNull(block, "mime_type") ?? AgUiFields.TextOrNull(block, "mimeType");
        if (AgUiFields.TextOrNull(block, "url") is { } url)
        {
            WriteUrl(writer, type, url, mimeType);
        }
        else if ((AgUiFields.TextOrNull(block, "base64") ?? AgUiFields.TextOrNull(block, "data")) is { } data)
        {
            WriteSource(writer, type, "data", data, mimeType ?? "application/octet-stream");
        }
        else if (AgUiFields.TextOrNull(block, "file_id") is { } file)
        {
            WriteSource(writer, type, "file", file, mimeType);
        }
    }

    /// <summary>Writes a part for a URL, which may contain the data itself.</summary>
    private static void WriteUrl(Utf8JsonWriter writer, string type, string url, string? mimeType)
    {
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (url.StartsWith("data:", StringComparison.Ordinal) && comma > 0 && url[..comma].EndsWith(";base64", StringComparison.Ordinal))
        {
            WriteSource(writer, type, "data", url[(comma + 1)..], url["data:".Length..comma].Split(';')[0]);
        }
        else
        {
            WriteSource(writer, type, "url", url, mimeType);
        }
    }

    private static void WriteSource(Utf8JsonWriter writer, string type, string kind, string value, string? mimeType)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteStartObject("source"u8);
        writer.WriteString("type"u8, kind);
        writer.WriteString("value"u8, value);
        if (mimeType is not null)
        {
            writer.WriteString("mimeType"u8, mimeType);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
