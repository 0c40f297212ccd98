using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>
/// A fake model that counts: token i is i in seven digits and a blank. With a delay, token i is due that many times the
/// delay after the first, not after the one before, so that the rounding of timers does not add up.
/// </summary>
internal sealed class CountingChatClient(TimeProvider time) : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("bench", defaultModelId: "counting");

    public static ChatOptions Options(int tokens, int delayMs) =>
        new() { AdditionalProperties = new() { ["tokens"] = tokens, ["delay_ms"] = delayMs } };

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var tokens = (int)options!.AdditionalProperties!["tokens"]!;
        var delay = TimeSpan.FromMilliseconds((int)options.AdditionalProperties["delay_ms"]!);
        var id = Guid.CreateVersion7().ToString();
        var started = time.GetTimestamp();
        for (var i = 0; i < tokens; i++)
        {
            if (delay > TimeSpan.Zero && i * delay - time.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, Token(i)) { MessageId = id };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static string Token(int i) => string.Create(8, i, static (span, i) =>
    {
        (i % 10_000_000).TryFormat(span, out _, "D7", CultureInfo.InvariantCulture);
        span[7] = ' ';
    });
}
