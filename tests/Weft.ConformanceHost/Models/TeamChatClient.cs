using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>A fake model that gives a task to each of two sub-agents, and says that they are done once both have answered.</summary>
internal sealed class TeamChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        IList<AIContent> answer = messages.Last().Role == ChatRole.Tool
            ? [new TextContent("The team is done.")]
            : [Call("call_weaver", "weaver", "Weave a scarf."), Call("call_spinner", "spinner", "Spin some wool.")];
        yield return new ChatResponseUpdate(ChatRole.Assistant, answer) { MessageId = Guid.CreateVersion7().ToString() };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static FunctionCallContent Call(string id, string agent, string description) =>
        new(id, "task", new Dictionary<string, object?> { ["subagent_type"] = agent, ["description"] = description });
}
