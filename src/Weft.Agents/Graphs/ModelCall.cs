using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A node that gives the conversation to a model and adds what it answers.</summary>
internal sealed class ModelCall(IChatClient client, MessagesChannel messages, string? systemPrompt, ChatOptions? options)
{
    private readonly IChatClient _client = client.StreamToGraph();
    private readonly Message? _systemPrompt = systemPrompt is null ? null : Message.System(systemPrompt);

    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        IEnumerable<Message> history = context.Get(messages);
        if (_systemPrompt is not null)
        {
            history = history.Prepend(_systemPrompt);
        }

        return new StateUpdate().Add(messages, await _client.GetMessagesAsync(history, options, cancellationToken));
    }
}
