namespace Weft.Graphs;

/// <summary>
/// Runs the tasks of a superstep together. The first failure stops the others, and code that does not stop in time is
/// left behind.
/// </summary>
internal sealed class SuperstepRunner(
    CompiledGraph graph, GraphRunOptions options, GraphScope scope, StreamEmitter stream, ITaskJournal? journal = null)
{
    private readonly NodeRunner _nodes = new(graph, options, scope, stream, journal);
    private readonly Fence? _fence = scope.FenceOf(options);
    private volatile NodeTask[] _tasks = [];

    /// <summary>
    /// Runs the tasks that have not finished, all at once. Returns when each has finished, paused, or failed. The first
    /// failure cancels the others; tasks that do not stop in time are left behind. <paramref name="settled"/> is called
    /// for each task that finished or paused, one at a time.
    /// </summary>
    public async Task RunAsync(NodeTask[] tasks, SuperstepFrame frame, Action<NodeTask> settled, CancellationToken cancellationToken)
    {
        _tasks = tasks;
        if (tasks is [{ IsFinished: false } only])
        {
            await _nodes.RunAsync(only, frame, cancellationToken);
            ThrowIfStopped(cancellationToken);
            Settle(only, settled);
        }
        else
        {
            await RunAllAsync(tasks, frame, settled, cancellationToken);
        }

        _tasks = [];
    }

    /// <summary>Returns the nodes whose code is running, innermost ones as <c>outer|inner</c>.</summary>
    public IReadOnlyList<string> UnfinishedNodes() =>
        [
            .. _tasks.Where(task => task is { IsFinished: false, Work: null or { IsCompleted: false } })
                .SelectMany(task => task.UnfinishedNodes())
                .Distinct(),
        ];

    private async ValueTask RunAllAsync(
        NodeTask[] tasks, SuperstepFrame frame, Action<NodeTask> settled, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var late = new CancellationTokenSource();
        ITimer? grace = null;
        var running = new List<Task<NodeTask>>(tasks.Length);
        foreach (var task in tasks)
        {
            if (!task.IsFinished)
            {
                running.Add(Start(task, frame, stop.Token));
            }
        }

        try
        {
            await foreach (var finished in Task.WhenEach(running).WithCancellation(late.Token))
            {
                var task = await finished;
                if (task.Error is OperationCanceledException && stop.IsCancellationRequested)
                {
                    task.Error = null;
                    continue;
                }

                Settle(task, settled);
                if (task.Error is not (null or ParentCommandException { BringsState: true }))
                {
                    // Not awaited, because callbacks of the token are code of the nodes and may block.
                    _ = stop.CancelAsync();
                    grace ??= options.Guard is { } guard
                        ? options.Time.CreateTimer(
                            static late => ((CancellationTokenSource)late!).Cancel(), late, guard.Grace, Timeout.InfiniteTimeSpan)
                        : null;
                }
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            LeaveBehind(tasks);
        }
        finally
        {
            grace?.Dispose();
        }

        ThrowIfStopped(cancellationToken);
    }

    /// <summary>
    /// Continues without the tasks that are still running. Their code keeps its task objects, which nobody reads any
    /// more.
    /// </summary>
    private void LeaveBehind(NodeTask[] tasks)
    {
        NodeTask[] left = [.. tasks.Where(task => task.Work is { IsCompleted: false })];
        string[] nodes = [.. left.SelectMany(task => task.UnfinishedNodes()).Distinct()];
        foreach (var task in left)
        {
            task.Attempt?.Close();
            tasks[task.Index] = task.Again();
        }

        options.Guard!.Report(nodes, Task.WhenAll(left.Select(task => task.Work!)));
    }

    private void ThrowIfStopped(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _fence?.ThrowIfClosed();
    }

    private void Settle(NodeTask task, Action<NodeTask> settled)
    {
        if (task.Error is not null || _fence is { IsClosed: true })
        {
            return;
        }

        try
        {
            settled(task);
        }
        catch (InvalidUpdateException error)
        {
            // Its writes can't be streamed or stored.
            task.Writes = null;
            task.Error = error;
        }
    }

    private Task<NodeTask> Start(NodeTask task, SuperstepFrame frame, CancellationToken cancellationToken)
    {
        // Fair, so that tasks begin in their order: a thread of the pool takes what it has queued itself from the end.
        var work = Task.Factory.StartNew(
            async () =>
            {
                await _nodes.RunAsync(task, frame, cancellationToken);
                return task;
            },
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach | TaskCreationOptions.PreferFairness,
            TaskScheduler.Default).Unwrap();
        task.Work = work;
        return work;
    }
}
