using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Weft.Graphs;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.AgentFramework;

/// <summary>The node that runs a workflow until it ends or waits for answers.</summary>
internal sealed class WorkflowTurn(
    Func<Workflow> makeWorkflow,
    AIWorkflowGraphOptions options,
    WorkflowInput input,
    LastValueChannel<StoredWorkflow> state,
    WorkflowPorts ports)
{
    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var stored = context.Get(state);
        List<WorkflowSend> sends = [.. (stored?.Answers ?? []).Select(SendOf), .. input.Sends(context, stored)];
        var kept = context.FindKept(WorkflowEvents.ProgressName)?.Deserialize(StoredWorkflowJsonContext.Default.WorkflowProgress);
        var progress = kept ?? new WorkflowProgress { State = stored ?? new StoredWorkflow { SessionId = NewId.Uuid() } };
        var events = new WorkflowEvents(context, options, ports, progress);
        await using var run = await OpenAsync(progress.State, events.Checkpoints, cancellationToken);
        // The events of one input end before the next one is sent, because the end of events does not say of which input it is.
        if (progress.HasNext || progress.State.Requests.Count > 0)
        {
            await events.FollowAsync(run, cancellationToken);
        }

        while (events.Progress.Sent < sends.Count)
        {
            await events.SendAsync(run, sends[events.Progress.Sent], cancellationToken);
        }

        var added = events.TakeMessages();
        return new StateUpdate()
            .Add(options.Messages, added)
            .Add(options.Outputs, events.Progress.Outputs)
            .Set(state, events.Progress.State with
            {
                LastMessage = added.Count > 0 ? added[^1].Id : context.Get(options.Messages) is [.., var last] ? last.Id : null,
                Answers = [],
            });
    }

    private WorkflowSend SendOf(PortAnswer answer) => new(
        async run =>
        {
            await run.SendResponseAsync(ports.Decode(answer));
            return true;
        },
        answer.Id);

    private async Task<StreamingRun> OpenAsync(StoredWorkflow stored, WorkflowCheckpoints checkpoints, CancellationToken cancellationToken)
    {
        var environment = InProcessExecution.OffThread.WithCheckpointing(CheckpointManager.CreateJson(checkpoints, options.Json));
        var workflow = makeWorkflow();
        if (checkpoints.Start is not { } start)
        {
            return await environment.OpenStreamingAsync(workflow, stored.SessionId, cancellationToken);
        }

        try
        {
            return await environment.ResumeStreamingAsync(workflow, start, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoredStateException(
                $"The workflow can't continue from what the thread has stored: {e.Message} Set the channel '{state.Name}' to null to begin again.",
                e);
        }
    }
}
