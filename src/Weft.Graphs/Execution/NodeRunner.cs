using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Runs the code of one task: its node, again as its retry policy says, and the branches behind it. No other type runs
/// the code of nodes.
/// </summary>
internal sealed class NodeRunner(
    CompiledGraph graph, GraphRunOptions options, GraphScope scope, StreamEmitter stream, ITaskJournal? journal)
{
    private readonly Fence? _fence = scope.FenceOf(options);

    /// <summary>
    /// Runs a task and sets its writes, its interrupts or its error. It does not throw.
    /// </summary>
    public Task RunAsync(NodeTask task, SuperstepFrame frame, CancellationToken cancellationToken) =>
        Tracing.IsObserved ? RunTracedAsync(task, frame, cancellationToken) : RunCodeAsync(task, frame, cancellationToken);

    private async Task RunTracedAsync(NodeTask task, SuperstepFrame frame, CancellationToken cancellationToken)
    {
        using var span = GraphSpans.StartNode(task);
        await RunCodeAsync(task, frame, cancellationToken);
        span?.Report(task, cancellationToken);
    }

    private async Task RunCodeAsync(NodeTask task, SuperstepFrame frame, CancellationToken cancellationToken)
    {
        var timeline = task.Given is null ? options.Timeline : null;
        var entry = timeline?.StartTask(scope.Namespace, frame.Step, task) ?? default;
        IDisposable? logScope = null;
        try
        {
            var context = NewContext(task, frame, cancellationToken);
            context.Enter();
            logScope = options.LogScope?.Invoke(context);
            cancellationToken.ThrowIfCancellationRequested();
            _fence?.ThrowIfClosed();
            if (task.Given is { } given)
            {
                task.Writes = await FollowBranchesAsync(task, context, frame.Values, given, cancellationToken);
                return;
            }

            var key = CachedNode.KeyOf(graph, task.Node, context);
            if (key is not null && await CachedNode.FindAsync(graph, key, cancellationToken) is { } cached)
            {
                task.Writes = cached;
                task.IsCached = true;
                return;
            }

            task.Writes = await TryAsync(task, context, frame, cancellationToken);
            if (key is not null)
            {
                await CachedNode.PutAsync(graph, task.Node, key, context.Values, task.Writes, cancellationToken);
            }
        }
        catch (GraphInterruptException)
        {
            // The task pauses at all its open questions, not only at the one whose exception came first.
            task.IsPaused = true;
            task.Attempt!.Questions.Pause();
        }
        catch (Exception error)
        {
            // Any exception of user code is a failure of the run, not of the server. The loop handles it.
            task.Error = error;
        }
        finally
        {
            task.Attempt?.Finish();
            if (task.Attempt is { HasServices: true } attempt)
            {
                await EndAsync(task, attempt);
            }

            logScope?.Dispose();
            timeline?.EndTask(entry, task, cancellationToken);
        }
    }

    private static async ValueTask EndAsync(NodeTask task, NodeAttempt attempt)
    {
        try
        {
            await attempt.EndAsync();
        }
        catch (Exception error)
        {
            task.Writes = null;
            task.Error ??= error;
        }
    }

    private NodeContext NewContext(NodeTask task, SuperstepFrame frame, CancellationToken cancellationToken)
    {
        task.Attempt?.Finish();
        task.Tries++;
        var attempt = new NodeAttempt(_fence, task, options);
        task.Attempt = attempt;
        return new NodeContext(
            task,
            attempt,
            frame with { Values = InputOf(task, frame.Values) },
            options,
            scope,
            stream.Behind(attempt),
            journal,
            cancellationToken);
    }

    /// <summary>Runs the node, again if its policy says so.</summary>
    private async ValueTask<TaskWrites> TryAsync(
        NodeTask task, NodeContext context, SuperstepFrame frame, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryOnceAsync(task, context, frame, cancellationToken);
            }
            catch (Exception error) when (RetryPolicy.TriesAgain(task.Node.Options.Retry, attempt, error, cancellationToken))
            {
                GraphSpans.ReportRetry(error);
                await task.Attempt!.EndAsync();
                await Task.Delay(task.Node.Options.Retry!.WaitAfter(attempt), options.Time, cancellationToken);

                // Graphs inside the node continue where they failed.
                context = NewContext(task, frame with { IsResuming = true }, cancellationToken);
                context.Enter();
            }
        }
    }

    private async ValueTask<TaskWrites> TryOnceAsync(
        NodeTask task, NodeContext context, SuperstepFrame frame, CancellationToken cancellationToken)
    {
        var span = stream.Wants(StreamMode.Events) ? context.Events.StartNode(context, task.Node.Options) : null;
        NodeResult result;
        try
        {
            result = await InvokeAsync(task, context, cancellationToken);
        }
        catch (Exception error) when (error is not (OperationCanceledException or GraphInterruptException))
        {
            context.Messages.Fail(error);
            throw;
        }

        context.Messages.EndAll();
        context.Messages.EmitWhole(frame.Values, result.Update?.Writes ?? []);
        options.Usage?.AddReturned(frame.Values, result.Update?.Writes ?? []);
        var writes = await FollowBranchesAsync(task, context, frame.Values, result, cancellationToken);
        span?.End(LazyJson.OfWrites(writes, WriteOutput));
        return writes;
    }

    private async ValueTask<NodeResult> InvokeAsync(NodeTask task, NodeContext context, CancellationToken cancellationToken)
    {
        NodeResult result;
        try
        {
            result = task.Node.Options.Timeout is { } timeout
                ? await InvokeForAsync(task, context, timeout, cancellationToken)
                : await task.Node.Function(context, cancellationToken);
        }
        catch (ParentCommandException command)
        {
            // The command comes from a graph inside the node. It is handled like a command that the node returned.
            return new Command { Update = command.UpdateFor(graph.Schema), Goto = command.Goto };
        }

        return result.ToParent ? throw new ParentCommandException(result.Update, result.Goto ?? [], result.BringsState) : result;
    }

    private async ValueTask<NodeResult> InvokeForAsync(
        NodeTask task, NodeContext context, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Away from this flow, so that a node that blocks its thread can be left behind too.
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = Task.Run(async () => await task.Node.Function(context, stop.Token), CancellationToken.None);
        await ((Task)work).WaitAsync(timeout, options.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (work.IsCompleted)
        {
            stop.Dispose();
            return await work;
        }

        var nodes = task.UnfinishedNodes();
        task.Attempt!.LeaveBehind(work);
        options.Guard?.Report(nodes, work);
        _ = stop.CancelAsync();
        throw new NodeTimeoutException(task.Node.Name, timeout);
    }

    private async ValueTask<TaskWrites> FollowBranchesAsync(
        NodeTask task, NodeContext context, ChannelValues values, NodeResult result, CancellationToken cancellationToken)
    {
        IReadOnlyList<ChannelWrite> writes = result.Update?.Writes ?? [];
        if (task.Node.Branches.Count == 0)
        {
            return new TaskWrites(writes, Checked(result.Goto ?? []), result.Update is null);
        }

        task.Seen = values.Apply(writes);
        var destinations = new List<Destination>(result.Goto ?? []);
        var seeing = context.WithValues(task.Seen);
        foreach (var branch in task.Node.Branches)
        {
            var span = task.Given is null && stream.Wants(StreamMode.Events) ? seeing.Events.StartBranch(seeing) : null;
            var chosen = await branch.Function(seeing, cancellationToken);
            span?.End(LazyJson.Of(chosen, WriteChoice));
            destinations.AddRange(chosen);
        }

        return new TaskWrites(writes, Checked(destinations), result.Update is null);
    }

    /// <summary>
    /// Fails a task whose destination does not exist. It is not stored as finished, and runs again when the thread
    /// continues.
    /// </summary>
    private IReadOnlyList<Destination> Checked(IReadOnlyList<Destination> destinations)
    {
        foreach (var destination in destinations)
        {
            if (!destination.IsEnd)
            {
                graph.GetTarget(destination.Node);
            }
        }

        return destinations;
    }

    private static void WriteOutput(Utf8JsonWriter writer, TaskWrites writes)
    {
        if (writes.IsNull)
        {
            writer.WriteNullValue();
        }
        else
        {
            writes.WriteTo(writer);
        }
    }

    private static void WriteChoice(Utf8JsonWriter writer, IReadOnlyList<Destination> chosen)
    {
        if (chosen is [var only])
        {
            only.WriteTo(writer);
        }
        else
        {
            Destination.WriteAll(writer, chosen);
        }
    }

    /// <summary>
    /// A send brings its own state, unless its node sees that of the graph: its members where they are channels, else
    /// nothing but <see cref="NodeContext.Input"/>.
    /// </summary>
    private static ChannelValues InputOf(NodeTask task, ChannelValues values)
    {
        if (!task.Pending.IsPush || task.Pending.Send is not { } send || task.Node.Options.SendsSeeState)
        {
            return values;
        }

        var own = values.Schema.Initial;
        return send.Input.ValueKind == JsonValueKind.Object ? own.Apply(StateUpdate.FromSend(values.Schema, send.Input).Writes) : own;
    }
}
