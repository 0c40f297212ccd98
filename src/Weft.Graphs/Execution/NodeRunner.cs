using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Runs the tasks of a superstep: the only place where code of nodes runs.</summary>
internal sealed class NodeRunner(GraphRunOptions options, StreamEmitter stream)
{
    /// <summary>
    /// Runs the tasks that have not finished, all at once. Returns when each has finished, asked, or failed; the first
    /// failure cancels the others. <paramref name="settled"/> is told of each task that finished or asked, one at a time.
    /// </summary>
    public async Task RunAsync(NodeTask[] tasks, ChannelValues values, int step, Action<NodeTask> settled, CancellationToken cancellationToken)
    {
        if (tasks is [{ IsFinished: false } only])
        {
            await RunTaskAsync(only, values, step, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            Settle(only, settled);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<NodeTask>>(tasks.Length);
        foreach (var task in tasks)
        {
            if (!task.IsFinished)
            {
                running.Add(Start(task, values, step, stop.Token));
            }
        }

        await foreach (var finished in Task.WhenEach(running).WithCancellation(CancellationToken.None))
        {
            var task = await finished;
            if (task.Error is OperationCanceledException && stop.IsCancellationRequested)
            {
                task.Error = null;
                continue;
            }

            Settle(task, settled);
            if (task.Error is not null)
            {
                await stop.CancelAsync();
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Settle(NodeTask task, Action<NodeTask> settled)
    {
        if (task.Error is null)
        {
            settled(task);
        }
    }

    private Task<NodeTask> Start(NodeTask task, ChannelValues values, int step, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                await RunTaskAsync(task, values, step, cancellationToken);
                return task;
            },
            CancellationToken.None);

    private async Task RunTaskAsync(NodeTask task, ChannelValues values, int step, CancellationToken cancellationToken)
    {
        try
        {
            var context = new NodeContext(task, InputOf(task, values), step, options, stream);
            context.Enter();
            cancellationToken.ThrowIfCancellationRequested();
            var result = task.Given is { } given ? given : await task.Node.Function(context, cancellationToken);
            IReadOnlyList<ChannelWrite> writes = result.Update?.Writes ?? [];
            if (task.Given is null)
            {
                context.Messages.EmitWhole(values, writes);
            }

            task.Writes = await FollowBranchesAsync(task, context, values, writes, result, cancellationToken);
        }
        catch (GraphInterruptException interrupt)
        {
            task.Interrupts = [new Interrupt(TaskIds.ForInterrupt(task.Namespace), interrupt.Value)];
        }
        catch (Exception error)
        {
            // Whatever user code throws is the run's failure, not the server's; the loop decides what becomes of it.
            task.Error = error;
        }
    }

    private static async ValueTask<TaskWrites> FollowBranchesAsync(
        NodeTask task, NodeContext context, ChannelValues values, IReadOnlyList<ChannelWrite> writes, NodeResult result, CancellationToken cancellationToken)
    {
        if (task.Node.Branches.Count == 0)
        {
            return new TaskWrites(writes, result.Goto ?? [], result.Update is null);
        }

        task.Seen = values.Apply(writes);
        var routes = new List<Destination>(result.Goto ?? []);
        var seeing = context.WithValues(task.Seen);
        foreach (var branch in task.Node.Branches)
        {
            routes.AddRange(await branch(seeing, cancellationToken));
        }

        return new TaskWrites(writes, routes, result.Update is null);
    }

    /// <summary>A send brings its own state: its members where they are channels, else nothing but <see cref="NodeContext.Input"/>.</summary>
    private static ChannelValues InputOf(NodeTask task, ChannelValues values)
    {
        if (task.Pending.Send is not { } send)
        {
            return values;
        }

        var own = values.Schema.Initial;
        return send.Input.ValueKind == JsonValueKind.Object ? own.Apply(StateUpdate.FromJson(values.Schema, send.Input).Writes) : own;
    }
}
