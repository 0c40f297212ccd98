using System.Text;
using System.Text.Json;

namespace Weft.Models.Http;

/// <summary>Reads what a provider says about a call that it refuses.</summary>
internal static class ProviderError
{
    private const int BytesMax = 16_384;
    private const int CharactersMax = 1_000;

    /// <summary>
    /// Returns the message of the body, in one line: <c>{"error":{"message":…}}</c> of OpenAI and Anthropic, <c>{"error":…}</c> of Ollama,
    /// or the beginning of any other text. Empty if the body can't be read.
    /// </summary>
    public static async Task<string> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[BytesMax];
        int length;
        try
        {
            length = await body.ReadAtLeastAsync(buffer, BytesMax, throwOnEndOfStream: false, cancellationToken);
        }
        catch (ModelCallException)
        {
            return "";
        }

        var text = FindMessage(buffer.AsMemory(0, length)) ?? Encoding.UTF8.GetString(buffer, 0, length);
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length > CharactersMax ? $"{text[..CharactersMax]}…" : text;
    }

    private static string? FindMessage(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error", out var error)
                ? error.ValueKind switch
                {
                    JsonValueKind.String => error.GetString(),
                    JsonValueKind.Object when error.TryGetProperty("message", out var message)
                        && message.ValueKind == JsonValueKind.String => message.GetString(),
                    _ => null,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
