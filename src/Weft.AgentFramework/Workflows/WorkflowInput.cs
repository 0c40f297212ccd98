using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>What a run gives to its workflow.</summary>
internal abstract class WorkflowInput
{
    /// <summary>Returns what the first executor gets.</summary>
    public abstract IReadOnlyList<WorkflowSend> Sends(NodeContext context, StoredWorkflow? stored);
}

/// <summary>Something that a workflow gets from outside.</summary>
/// <param name="SendAsync">Sends it, and returns whether the workflow takes it.</param>
/// <param name="RequestId">The request that it answers; null if it answers none.</param>
internal sealed record WorkflowSend(Func<StreamingRun, ValueTask<bool>> SendAsync, string? RequestId = null);

/// <summary>The new messages of the conversation, and then the turn.</summary>
internal sealed class ChatInput(MessagesChannel channel) : WorkflowInput
{
    public override IReadOnlyList<WorkflowSend> Sends(NodeContext context, StoredWorkflow? stored)
    {
        var messages = context.Get(channel);
        // Results of tools go to the ports that asked for them.
        var added = messages
            .Skip(AgentInput.FirstNew(messages, stored?.LastMessage))
            .Where(message => message.Type != "tool")
            .ToChatMessages();
        return added.Count == 0 && stored?.Answers.Count > 0
            ? []
            :
            [
                new WorkflowSend(run => run.TrySendMessageAsync(added)),
                new WorkflowSend(static run => run.TrySendMessageAsync(new TurnToken(emitEvents: true))),
            ];
    }
}

/// <summary>A value.</summary>
internal sealed class TypedInput<T>(EphemeralChannel<T> channel) : WorkflowInput
    where T : notnull
{
    public override IReadOnlyList<WorkflowSend> Sends(NodeContext context, StoredWorkflow? stored) =>
        context.Get(channel) is { } value && context.Has(channel) ? [new WorkflowSend(run => run.TrySendMessageAsync(value))]
        : stored?.Answers.Count > 0 ? []
        : throw new InvalidOperationException($"The run has no '{channel.Name}' for the workflow.");
}
