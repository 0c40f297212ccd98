using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>
/// A fake model: a list of replies with a cursor that advances with each call and wraps. It streams character by
/// character.
/// </summary>
internal sealed class RepliesChatClient(params string[] replies) : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("fake", defaultModelId: "replies");

    private int _calls = -1;

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = replies[(uint)Interlocked.Increment(ref _calls) % (uint)replies.Length];
        var id = Guid.CreateVersion7().ToString();
        foreach (var character in reply)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, character.ToString()) { MessageId = id };
            await Task.Yield();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
