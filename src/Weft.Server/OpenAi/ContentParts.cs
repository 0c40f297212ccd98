using System.Text.Json;

namespace Weft.Server;

/// <summary>
/// Converts the content of messages between OpenAI's two APIs and the blocks of graphs (docs/protocol/openai.md 2, messages.md F3).
/// </summary>
internal static class ContentParts
{
    /// <summary>Writes a content, a string or a list of parts, as the member <c>content</c>.</summary>
    /// <exception cref="Runs.WeftException">A part is wrong.</exception>
    public static void Write(Utf8JsonWriter writer, JsonElement content, string path)
    {
        writer.WritePropertyName("content"u8);
        if (content.ValueKind == JsonValueKind.String)
        {
            content.WriteTo(writer);
            return;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw Requests.Invalid(path, "It must be a string or a list of parts.");
        }

        writer.WriteStartArray();
        foreach (var part in OpenAiFields.Items(content, path))
        {
            writer.WriteStartObject();
            WritePart(writer, part);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes the content of a message of a graph as a list of the parts that items of responses have.</summary>
    /// <param name="writer">The target.</param>
    /// <param name="content">The content of the message.</param>
    /// <param name="textType">The type of texts: <c>input_text</c> or <c>output_text</c>.</param>
    public static void WriteItemParts(Utf8JsonWriter writer, JsonElement content, string textType)
    {
        writer.WriteStartArray("content"u8);
        if (content.ValueKind == JsonValueKind.String)
        {
            WriteText(writer, content, textType);
        }
        else
        {
            foreach (var block in content.EnumerateArray())
            {
                WriteItemPart(writer, block, textType);
            }
        }

        writer.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter writer, OpenAiFields part)
    {
        switch (part.RequiredText("type"))
        {
            case "text" or "input_text" or "output_text":
                writer.WriteString("type"u8, "text"u8);
                writer.WriteString("text"u8, part.RequiredText("text"));
                break;
            case "refusal":
                writer.WriteString("type"u8, "refusal"u8);
                writer.WriteString("refusal"u8, part.RequiredText("refusal"));
                break;
            case "image_url":
                var image = part.RequiredObject("image_url");
                WriteImage(writer, image.RequiredText("url"), image.Text("detail"));
                break;
            case "input_image" when part.Text("image_url") is { } url:
                WriteImage(writer, url, part.Text("detail"));
                break;
            case "input_image":
                writer.WriteString("type"u8, "image"u8);
                writer.WriteString("file_id"u8, part.RequiredText("file_id"));
                break;
            case "input_audio":
                WriteAudio(writer, part.RequiredObject("input_audio"));
                break;
            case "file":
                WriteFile(writer, part.RequiredObject("file"));
                break;
            case "input_file":
                WriteFile(writer, part);
                break;
            case var other:
                throw part.Wrong("type", $"'{other}' is not a type of content that this server reads.");
        }
    }

    private static void WriteImage(Utf8JsonWriter writer, string url, string? detail)
    {
        writer.WriteString("type"u8, "image_url"u8);
        writer.WriteStartObject("image_url"u8);
        writer.WriteString("url"u8, url);
        WriteOptional(writer, "detail"u8, detail);
        writer.WriteEndObject();
    }

    private static void WriteAudio(Utf8JsonWriter writer, OpenAiFields audio)
    {
        writer.WriteString("type"u8, "input_audio"u8);
        writer.WriteStartObject("input_audio"u8);
        writer.WriteString("data"u8, audio.RequiredText("data"));
        writer.WriteString("format"u8, audio.RequiredText("format"));
        writer.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter writer, OpenAiFields file)
    {
        var (data, id, url) = (file.Text("file_data"), file.Text("file_id"), file.Text("file_url"));
        if (data is null && id is null && url is null)
        {
            throw file.Wrong("file_data", "A file has file_data, a file_id or a file_url.");
        }

        writer.WriteString("type"u8, "file"u8);
        writer.WriteStartObject("file"u8);
        WriteOptional(writer, "file_data"u8, data);
        WriteOptional(writer, "file_id"u8, id);
        WriteOptional(writer, "url"u8, url);
        WriteOptional(writer, "filename"u8, file.Text("filename"));
        writer.WriteEndObject();
    }

    private static void WriteItemPart(Utf8JsonWriter writer, JsonElement block, string textType)
    {
        if (block.ValueKind != JsonValueKind.Object)
        {
            WriteText(writer, block, textType);
            return;
        }

        var fields = new OpenAiFields(block, "");
        switch (fields.Any("type")?.ToString())
        {
            case "text" when fields.Any("text") is { } text:
                WriteText(writer, text, textType);
                break;
            case "image_url" when fields.Any("image_url") is { ValueKind: JsonValueKind.Object } image:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "input_image"u8);
                writer.WriteString("detail"u8, image.TryGetProperty("detail"u8, out var detail) ? detail.ToString() : "auto");
                writer.WriteString("image_url"u8, image.TryGetProperty("url"u8, out var url) ? url.ToString() : null);
                writer.WriteEndObject();
                break;
            case "file" when fields.Any("file") is { ValueKind: JsonValueKind.Object } file:
                WriteItemFile(writer, file);
                break;
            default:
                block.WriteTo(writer);
                break;
        }
    }

    private static void WriteItemFile(Utf8JsonWriter writer, JsonElement file)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "input_file"u8);
        foreach (var member in file.EnumerateObject())
        {
            writer.WritePropertyName(member.Name == "url" ? "file_url" : member.Name);
            member.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, JsonElement text, string textType)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, textType);
        writer.WritePropertyName("text"u8);
        text.WriteTo(writer);
        if (textType == "output_text")
        {
            writer.WriteStartArray("annotations"u8);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
