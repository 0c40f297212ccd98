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

    public static string? TextOf(JsonElement block) => block.ValueKind == JsonValueKind.String ? block.GetString() : Find(block, "text");

    public static string? ReasoningOf(JsonElement block) => Find(block, "reasoning") ?? Find(block, "thinking");

    private static AIContent? ReadKnown(JsonElement block) =>
        (block.ValueKind == JsonValueKind.String ? "text" : Find(block, "type")) switch
    {
        "text" or "input_text" or "output_text" => TextOf(block) is { } text ? new TextContent(text) : null,
        "reasoning" or "thinking" => ReadReasoning(block),
        "image_url" => ReadImageUrl(block),
        "input_audio" => block.TryGetProperty("input_audio", out var audio) && Find(audio, "data") is { } data
            ? new DataContent(Convert.FromBase64String(data), $"audio/{Find(audio, "format") ?? "wav"}")
            : null,
        "image" => ReadMedia(block, "image/*", "image/png"),
        "audio" => ReadMedia(block, "audio/*", "audio/wav"),
        "video" => ReadMedia(block, "video/*", "video/mp4"),
        "file" => ReadMedia(
            block.TryGetProperty("file", out var file) && file.ValueKind == JsonValueKind.Object ? file : block,
            "application/*",
            "application/octet-stream"),
        "document" => ReadMedia(block, "application/*", "application/pdf"),
        "refusal" => new ErrorContent(Find(block, "refusal")) { ErrorCode = "Refusal" },
        "non_standard" => block.TryGetProperty("value", out var value) && Find(value, "$type") is not null
            ? (AIContent?)value.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))
            : null,
        _ => null,
    };

    private static TextReasoningContent? ReadReasoning(JsonElement block) => ReasoningOf(block) is { } text
        ? new TextReasoningContent(text)
        {
            ProtectedData = Find(block, "signature") ?? (block.TryGetProperty("extras", out var extras) ? Find(extras, "signature") : null),
        }
        : null;

    private static AIContent? ReadImageUrl(JsonElement block) =>
        block.TryGetProperty("image_url", out var image)
            && (image.ValueKind == JsonValueKind.String ? image.GetString() : Find(image, "url")) is { } url
            ? At(url, "image/*")
            : null;

    private static AIContent? ReadMedia(JsonElement block, string anyType, string usualType)
    {
        var source = block.TryGetProperty("source", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : block;
        var mediaType = Find(source, "mime_type") ?? Find(source, "media_type") ?? Find(source, "mimeType");
        if ((Find(source, "base64") ?? Find(source, "data") ?? Find(source, "file_data")) is { } data)
        {
            return data.StartsWith("data:", StringComparison.Ordinal)
                ? new DataContent(data)
                : new DataContent(Convert.FromBase64String(data), mediaType ?? usualType) { Name = Find(block, "filename") };
        }

        if (Find(source, "url") is { } url)
        {
            return At(url, mediaType ?? anyType);
        }

        var fileId = Find(source, "file_id") ?? (Find(source, "source_type") == "id" ? Find(source, "id") : null);
        return fileId is null ? null : new HostedFileContent(fileId);
    }

    private static AIContent At(string url, string mediaType) =>
        url.StartsWith("data:", StringComparison.Ordinal) ? new DataContent(url) : new UriContent(url, mediaType);

    private static string? Find(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object
            && json.TryGetProperty(member, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
