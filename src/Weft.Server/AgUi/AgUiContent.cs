using System.Text.Json;

namespace Weft.Server;

/// <summary>The content of a client's message: a text, or parts that become content blocks (docs/protocol/messages.md F3).</summary>
internal static class AgUiContent
{
    public static void Check(JsonElement message, string place, bool mayHaveParts)
    {
        switch (AgUiFields.Find(message, "content"))
        {
            case null:
                throw Requests.Invalid(place + ".content", "Field required");
            case { ValueKind: JsonValueKind.String }:
                break;
            case { ValueKind: JsonValueKind.Array } parts when mayHaveParts:
                foreach (var (part, index) in parts.EnumerateArray().Select((part, index) => (part, index)))
                {
                    CheckPart(part, $"{place}.content[{index}]");
                }

                break;
            default:
                throw AgUiFields.Wrong(place, "content", mayHaveParts ? "a string or a list of parts" : "a string");
        }
    }

    public static void Write(Utf8JsonWriter writer, JsonElement? content)
    {
        if (content is not { ValueKind: JsonValueKind.Array } parts)
        {
            writer.WriteStringValue(content?.GetString() ?? "");
            return;
        }

        writer.WriteStartArray();
        foreach (var part in parts.EnumerateArray())
        {
            WritePart(writer, part);
        }

        writer.WriteEndArray();
    }

    private static void CheckPart(JsonElement part, string place)
    {
        AgUiFields.EnsureObject(part, place);
        var type = AgUiFields.RequiredText(part, "type", place);
        if (type == "text")
        {
            _ = AgUiFields.RequiredText(part, "text", place);
        }
        else if (IsMedia(type))
        {
            var source = AgUiFields.Object(part, "source", place) ?? throw Requests.Invalid(place + ".source", "Field required");
            var kind = AgUiFields.RequiredText(source, "type", place + ".source");
            if (kind is not ("data" or "url" or "file"))
            {
                throw AgUiFields.Wrong(place + ".source", "type", "data, url or file");
            }

            _ = AgUiFields.RequiredText(source, "value", place + ".source");
            _ = AgUiFields.Text(source, "mimeType", place + ".source");
        }
    }

    private static void WritePart(Utf8JsonWriter writer, JsonElement part)
    {
        var type = part.GetProperty("type").GetString()!;
        if (type == "text")
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, part.GetProperty("text").GetString());
            writer.WriteEndObject();
        }
        else if (IsMedia(type))
        {
            WriteMedia(writer, type, part.GetProperty("source"));
        }
        else
        {
            part.WriteTo(writer);
        }
    }

    private static void WriteMedia(Utf8JsonWriter writer, string type, JsonElement source)
    {
        var (kind, value) = (source.GetProperty("type").GetString(), source.GetProperty("value").GetString()!);
        var mimeType = AgUiFields.Text(source, "mimeType", "");
        writer.WriteStartObject();
        if (type == "image" && kind != "file")
        {
            // The form that all providers of models take.
            writer.WriteString("type"u8, "image_url"u8);
            writer.WriteStartObject("image_url"u8);
            writer.WriteString("url"u8, kind == "url" ? value : $"data:{mimeType ?? "image/png"};base64,{value}");
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("type"u8, type == "document" ? "file" : type);
            writer.WriteString(kind switch { "url" => "url", "data" => "base64", _ => "file_id" }, value);
            if (mimeType is not null)
            {
                writer.WriteString("mime_type"u8, mimeType);
            }
        }

        writer.WriteEndObject();
    }

    private static bool IsMedia(string type) => type is "image" or "audio" or "video" or "document";
}
