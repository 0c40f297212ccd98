using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.Benchmarks;

/// <summary>
/// A model that answers at once: with a call of a tool if the last message is of a user, else with tokens.
/// </summary>
internal sealed class ModelOfBenchmarks(int tokens) : IChatClient
{
    private readonly ChatResponseUpdate[] _answer =
        [.. Enumerable.Range(0, tokens).Select(i => new ChatResponseUpdate(ChatRole.Assistant, $" token{i}") { MessageId = "a" })];

    private readonly ChatResponseUpdate[] _call =
        [new(ChatRole.Assistant, [new FunctionCallContent("c", "tool0", new Dictionary<string, object?> { ["x"] = 1 })]) { MessageId = "b" }];

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var update in messages.Last().Role == ChatRole.User && options?.Tools is { Count: > 0 } ? _call : _answer)
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
