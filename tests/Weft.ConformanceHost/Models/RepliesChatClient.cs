using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>
/// A fake model: a list of replies with a cursor that advances with each call and wraps. It streams character by
/// character.
/// </summary>
/// <param name="replies">The replies.</param>
/// <param name="file">A file that has a byte for each call, for servers that share the cursor; null keeps the cursor in memory.</param>
internal sealed class RepliesChatClient(string[] replies, string? file = null) : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("fake", defaultModelId: "replies");

    private int _calls;

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = replies[Count() % replies.Length];
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

    /// <summary>Returns the number of earlier calls. Runs of a thread call the model one after the other.</summary>
    private int Count()
    {
        if (file is null)
        {
            return Interlocked.Increment(ref _calls) - 1;
        }

        File.AppendAllText(file, ".");
        return (int)new FileInfo(file).Length - 1;
    }
}
