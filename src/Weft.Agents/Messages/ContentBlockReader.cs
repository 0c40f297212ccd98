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

    public static string? ReasoningOf(JsonElement block) => JsonText.Of(block, "type") == "redacted_thinking"
        ? ""
        : JsonText.Of(block, "reasoning") ?? JsonText.Of(block, "thinking") ?? SummaryOf(block);

    private static AIContent? ReadKnown(JsonElement block) =>
        (block.ValueKind == JsonValueKind.String ? "text" : JsonText.Of(block, "type")) switch
        {
            "text" or "input_text" or "output_text" => ReadText(block),
            "text-plain" when TextOf(block) is not null => ReadText(block),
            "text-plain" => ReadMedia(block, "text/plain", "text/plain"),
            "reasoning" or "thinking" or "redacted_thinking" => ReadReasoning(block),
            "image_url" => ReadImageUrl(block),
            "input_audio" => block.TryGetProperty("input_audio", out var audio) && JsonText.Of(audio, "data") is { } data
                ? new DataContent(Convert.FromBase64String(data), $"audio/{JsonText.Of(audio, "format") ?? "wav"}")
                : null,
            "image" => ReadMedia(block, "image/*", "image/png"),
            "audio" => ReadMedia(block, "audio/*", "audio/wav"),
            "video" => ReadMedia(block, "video/*", "video/mp4"),
            "file" when JsonText.Of(block, "source_type") == "text" => ReadText(block),
            "file" => ReadMedia(
                block.TryGetProperty("file", out var file) && file.ValueKind == JsonValueKind.Object ? file : block,
                "application/*",
                "application/octet-stream"),
            "document" => ReadMedia(block, "application/*", "application/pdf"),
            "refusal" => new ErrorContent(JsonText.Of(block, "refusal")) { ErrorCode = "Refusal" },
            "non_standard" => ReadOther(JsonText.Member(block, "value")),
            "server_tool_call" => ReadOther(JsonText.Member(JsonText.Member(block, "extras"), "content")),
            "server_tool_result" => ReadOther(JsonText.Member(block, "output")),
            _ => null,
        };

    /// <summary>Reads content that was written as Microsoft.Extensions.AI writes it; null if it is anything else.</summary>
    private static AIContent? ReadOther(JsonElement json) => JsonText.Of(json, "$type") is null
        ? null
        : (AIContent?)json.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)));

    private static TextContent? ReadText(JsonElement block) =>
        TextOf(block) is { } text ? new TextContent(text) { Annotations = Citations.Read(block) } : null;

    private static TextReasoningContent? ReadReasoning(JsonElement block) => ReasoningOf(block) is { } text
        ? new TextReasoningContent(text)
        {
            ProtectedData = SecretOf(block) ?? SecretOf(JsonText.Member(block, "extras")),
        }
        : null;

    private static string? SecretOf(JsonElement json) =>
        JsonText.Of(json, "signature") ?? JsonText.Of(json, "encrypted_content") ?? JsonText.Of(json, "data");

    /// <summary>The text of reasoning in the form of OpenAI's responses: a list of summaries.</summary>
    private static string? SummaryOf(JsonElement block) => JsonText.Member(block, "summary") is { ValueKind: JsonValueKind.Array } parts
        ? string.Join("\n\n", parts.EnumerateArray().Select(part => JsonText.Of(part, "text")).OfType<string>())
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
                : new DataContent(Convert.FromBase64String(data), mediaType ?? usualType) { Name = NameOf(block) };
        }

        if (JsonText.Of(source, "url") is { } url)
        {
            return At(url, mediaType ?? anyType);
        }

        var fileId = JsonText.Of(source, "file_id") ?? (JsonText.Of(source, "source_type") == "id" ? JsonText.Of(source, "id") : null);
        return fileId is null ? null : new HostedFileContent(fileId) { MediaType = mediaType, Name = NameOf(block) };
    }

    private static string? NameOf(JsonElement block) =>
        NameIn(block) ?? NameIn(JsonText.Member(block, "metadata")) ?? NameIn(JsonText.Member(block, "extras"));

    private static string? NameIn(JsonElement json) => JsonText.Of(json, "filename") ?? JsonText.Of(json, "name");

    private static AIContent At(string url, string mediaType) =>
        url.StartsWith("data:", StringComparison.Ordinal) ? new DataContent(url) : new UriContent(url, mediaType);
}
