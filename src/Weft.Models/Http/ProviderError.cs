using System.Text;
using System.Text.Json;

namespace Weft.Models.Http;

/// <summary>Says why a call failed.</summary>
internal static class ProviderError
{
    private const int BytesMax = 16_384;
    private const int CharactersMax = 1_000;

    /// <summary>
    /// Returns the message of the body, in one line: <c>{"error":{"message":…}}</c> of OpenAI and Anthropic, <c>{"error":…}</c> of Ollama,
    /// or the beginning of any other text. Empty if the body can't be read.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="key">The key, which is replaced; null if there is none.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async Task<string> ReadAsync(Stream body, string? key, CancellationToken cancellationToken)
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

        // The key is replaced before the text is cut, so that a cut leaves no part of it.
        var text = WithoutKey(FindMessage(buffer.AsMemory(0, length)) ?? Encoding.UTF8.GetString(buffer, 0, length), key);
        text = text.Length > CharactersMax ? $"{text[..CharactersMax]}…" : text;
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    public static string WithoutKey(string text, string? key) =>
        string.IsNullOrEmpty(key) ? text : text.Replace(key, "***", StringComparison.Ordinal);

    /// <summary>Returns the message of the inner exception if the outer one does not say what is wrong with the connection.</summary>
    public static string ReasonOf(Exception error) =>
        error.InnerException is IOException or TimeoutException ? error.InnerException.Message : error.Message;

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
