using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>
/// A fake model that repeats the last message, word by word: its text, then the media type and the length of each attached file.
/// </summary>
internal sealed class EchoChatClient(TimeProvider time) : IChatClient
{
    /// <summary>Options of a call that waits this many milliseconds before each word.</summary>
    public static ChatOptions Options(int paceMs) => new() { AdditionalProperties = new() { ["pace_ms"] = paceMs } };

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pace = TimeSpan.FromMilliseconds(options?.AdditionalProperties?["pace_ms"] as int? ?? 0);
        var id = Guid.CreateVersion7().ToString();
        foreach (var word in Answer(messages.Last()).Split(' '))
        {
            await Task.Delay(pace, time, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, $"{word} ") { MessageId = id };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static string Answer(ChatMessage message)
    {
        var files = message.Contents.OfType<DataContent>().Select(file => $"{file.MediaType} of {file.Data.Length} bytes");
        return string.Join(" and ", [$"You said: {message.Text}", .. files]);
    }
}
