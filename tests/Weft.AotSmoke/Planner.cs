using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AotSmoke;

/// <summary>A model that asks a tool once and then answers with JSON, and the tool.</summary>
internal sealed class Planner : IChatClient
{
    public static AIFunction Look { get; } =
        AgentTool.Create(
            (string city, NodeContext context, TimeProvider time) => $"{city} at step {context.Step}{(time is null ? " without a clock" : "")}",
            "look",
            "Looks at a city.");

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        yield return messages.Last().Role == ChatRole.User
            ? new(ChatRole.Assistant, [new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["city"] = "Oslo" })])
            : new(ChatRole.Assistant, """{"City":"Oslo","Stops":["fjord"]}""");
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
