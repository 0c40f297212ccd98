using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A node that sends the conversation to a model and adds the answer.</summary>
internal sealed class ModelCall(IChatClient client, MessagesChannel messages, string? systemPrompt, ChatOptions? options)
{
    private readonly IChatClient _client = client.StreamToGraph();
    private readonly Message? _systemPrompt = systemPrompt is null ? null : Message.System(systemPrompt);

    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var stored = context.Get(messages);
        var mended = AnsweredCalls.Mend(stored);
        IEnumerable<Message> history = AnsweredCalls.WithoutStrays(mended);
        if (_systemPrompt is not null)
        {
            history = history.Prepend(_systemPrompt);
        }

        var answer = await _client.GetMessagesAsync(history, options, cancellationToken);
        // A message can be inserted between others only if the whole list is written.
        return new StateUpdate().Add(messages, ReferenceEquals(mended, stored) ? answer : [Message.RemoveAll(), .. mended, .. answer]);
    }
}
