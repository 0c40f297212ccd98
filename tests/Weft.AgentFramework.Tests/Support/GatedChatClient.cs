using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.AgentFramework.Tests;

/// <summary>A model that says a word, waits at a gate, and then goes on as the model inside.</summary>
internal sealed class GatedChatClient(Gate gate, IChatClient inner) : DelegatingChatClient(inner)
{
    private bool _hasStopped;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!_hasStopped)
        {
            _hasStopped = true;
            yield return new ChatResponseUpdate(ChatRole.Assistant, "Well, ") { MessageId = "gated" };
            await gate.PassAsync(cancellationToken);
        }

        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            yield return update;
        }
    }
}
