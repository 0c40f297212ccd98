using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>
/// Reads a content block in the dialect of any provider. A block that is not understood stays opaque.
/// </summary>
internal static class ContentBlockReader
{
    public static AIContent Read(JsonElement block)
    {
        try
        {
            return ReadKnown(block) ?? new AIContent();
        }
        catch (Exception e) when (e is
            ArgumentException or FormatException or JsonException or NotSupportedException or InvalidOperationException)
        {
            // A client sent an invalid address or encoding. The model gets the message without that content.
            return new AIContent();
        }
    }

    public static string? TextOf(JsonElement block) =>
        block.ValueKind == JsonValueKind.String ? block.GetString() : JsonText.Of(block, "text");

    public static string? ReasoningOf(JsonElement block) => JsonText.Of(block, "reasoning") ?? JsonText.Of(block, "thinking");

    private static AIContent? ReadKnown(JsonElement block) =>
        (block.ValueKind == JsonValueKind.String ? "text" : JsonText.Of(block, "type")) switch
        {
            "text" or "input_text" or "output_text" => TextOf(block) is { } text ? new TextContent(text) : null,
            "reasoning" or "thinking" => ReadReasoning(block),
            "image_url" => ReadImageUrl(block),
            "input_audio" => block.TryGetProperty("input_audio", out var audio) && JsonText.Of(audio, "data") is { } data
                ? new DataContent(Convert.FromBase64String(data), $"audio/{JsonText.Of(audio, "format") ?? "wav"}")
                : null,
            "image" => ReadMedia(block, "image/*", "image/png"),
            "audio" => ReadMedia(block, "audio/*", "audio/wav"),
            "video" => ReadMedia(block, "video/*", "video/mp4"),
            "file" => ReadMedia(
                block.TryGetProperty("file", out var file) && file.ValueKind == JsonValueKind.Object ? file : block,
                "application/*",
                "application/octet-stream"),
            "document" => ReadMedia(block, "application/*", "application/pdf"),
            "refusal" => new ErrorContent(JsonText.Of(block, "refusal")) { ErrorCode = "Refusal" },
            "non_standard" => block.TryGetProperty("value", out var value) && JsonText.Of(value, "$type") is not null
                ? (AIContent?)value.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))
                : null,
            _ => null,
        };

    private static TextReasoningContent? ReadReasoning(JsonElement block) => ReasoningOf(block) is { } text
        ? new TextReasoningContent(text)
        {
            ProtectedData = JsonText.Of(block, "signature")
                ?? (block.TryGetProperty("extras", out var extras) ? JsonText.Of(extras, "signature") : null),
        }
        : null;

    private static AIContent? ReadImageUrl(JsonElement block) =>
        block.TryGetProperty("image_url", out var image)
            && (image.ValueKind == JsonValueKind.String ? image.GetString() : JsonText.Of(image, "url")) is { } url
            ? At(url, "image/*")
            : null;

    private static AIContent? ReadMedia(JsonElement block, string anyType, string usualType)
    {
        var source = block.TryGetProperty("source", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : block;
        var mediaType = JsonText.Of(source, "mime_type") ?? JsonText.Of(source, "media_type") ?? JsonText.Of(source, "mimeType");
        if ((JsonText.Of(source, "base64") ?? JsonText.Of(source, "data") ?? JsonText.Of(source, "file_data")) is { } data)
        {
            return data.StartsWith("data:", StringComparison.Ordinal)
                ? new DataContent(data)
                : new DataContent(Convert.FromBase64String(data), mediaType ?? usualType) { Name = JsonText.Of(block, "filename") };
        }

        if (JsonText.Of(source, "url") is { } url)
        {
            return At(url, mediaType ?? anyType);
        }

        var fileId = JsonText.Of(source, "file_id") ?? (JsonText.Of(source, "source_type") == "id" ? JsonText.Of(source, "id") : null);
        return fileId is null ? null : new HostedFileContent(fileId);
    }

    private static AIContent At(string url, string mediaType) =>
        url.StartsWith("data:", StringComparison.Ordinal) ? new DataContent(url) : new UriContent(url, mediaType);
}
