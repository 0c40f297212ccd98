using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>
/// One run of an agent, as the call of a chat client, so that it is streamed, identified and counted like any call of a model.
/// </summary>
/// <param name="agent">The agent.</param>
/// <param name="session">The session.</param>
/// <param name="turn">What the agent gets.</param>
/// <param name="runOptions">The options of the run.</param>
internal sealed class AgentCall(AIAgent agent, AgentSession session, AgentInput turn, AgentRunOptions? runOptions) : IChatClient
{
    private readonly AgentUpdates _updates = new(turn.ToolNames, turn.Answered);

    /// <summary>The tool calls that the agent wants to have approved.</summary>
    public IReadOnlyList<ToolApprovalRequestContent> Requests => _updates.Requests;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var collector = new UpdateCollector();
        await foreach (var update in StreamAsync(cancellationToken))
        {
            collector.Add(update);
        }

        return collector.ToResponse();
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(cancellationToken);

    /// <summary>
    /// Names the model of the agent. A run has no span of a call around it, because it may make several calls.
    /// </summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        agent.GetService(serviceType, serviceKey)
        ?? (serviceType == typeof(ActivitySource) && serviceKey is null ? Tracing.Source : null);

    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in agent.RunStreamingAsync(turn.Input, session, runOptions, cancellationToken))
        {
            foreach (var part in _updates.PartsOf(update.AsChatResponseUpdate()))
            {
                yield return part;
            }
        }
    }
}
