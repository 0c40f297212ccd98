using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>The node that runs an agent for one turn.</summary>
internal sealed class AgentTurn(AIAgent agent, AIAgentGraphOptions options, LastValueChannel<JsonElement> channel)
{
    // An agent with a reducer has its own idea of the history, which is stored with the session.
    private readonly InMemoryChatHistoryProvider? _history =
        agent.GetService<InMemoryChatHistoryProvider>() is { ChatReducer: null } history ? history : null;

    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var messages = context.Get(options.Messages);
        var stored = StoredSession.Read(context.Get(channel));
        var session = await OpenAsync(stored, cancellationToken);
        var turn = AgentInput.Of(messages, stored, isHistory: _history is not null);
        _history?.SetMessages(session, [.. turn.History]);
        var call = new AgentCall(agent, session, turn, options.RunOptions?.Invoke(context));
        var response = await ClientOf(call).GetResponseAsync([.. turn.History, .. turn.Input], cancellationToken: cancellationToken);
        response.Messages = [.. response.Messages.Where(message => message.Contents.Count > 0)];
        Message[] added = [.. response.ToMessages().Select(message => message.Id is null ? message.WithNewId() : message)];
        return new StateUpdate()
            .Add(options.Messages, turn.Mended is { } mended ? [Message.RemoveAll(), .. mended, .. added] : added)
            .Set(channel, new StoredSession
            {
                State = await SerializeAsync(session, cancellationToken),
                LastMessage = added is [.., var said] ? said.Id : messages is [.., var last] ? last.Id : null,
                Requests = call.Requests,
            }.ToJson());
    }

    /// <summary>Streams the call, unless the client of the agent streams its calls itself.</summary>
    private IChatClient ClientOf(AgentCall call) => agent.GetService<GraphChatClient>() is null
        ? new GraphChatClient(call, new GraphChatClientOptions { Name = agent.Name ?? agent.GetType().Name })
        : call;

    private async Task<AgentSession> OpenAsync(StoredSession stored, CancellationToken cancellationToken)
    {
        if (stored.State is not { } state)
        {
            return await agent.CreateSessionAsync(cancellationToken);
        }

        try
        {
            return await agent.DeserializeSessionAsync(state, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoredStateException(
                $"The agent '{agent.Name ?? agent.Id}' can't read the session that the thread has stored: {e.Message} "
                    + $"Set the channel '{channel.Name}' to null to begin a new session.",
                e);
        }
    }

    private async Task<JsonElement> SerializeAsync(AgentSession session, CancellationToken cancellationToken)
    {
        foreach (var key in _history?.StateKeys ?? [])
        {
            // The conversation is on the thread already.
            session.StateBag.TryRemoveValue(key);
        }

        return await agent.SerializeSessionAsync(session, cancellationToken: cancellationToken);
    }
}
