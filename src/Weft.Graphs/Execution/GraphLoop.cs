namespace Weft.Graphs;

/// <summary>One run of a graph, superstep by superstep: plan, run, apply, checkpoint.</summary>
internal sealed class GraphLoop
{
    private readonly CompiledGraph _graph;
    private readonly GraphRunOptions _options;
    private readonly GraphScope _scope;
    private readonly StreamEmitter _stream;
    private readonly CheckpointWriter _writer;
    private readonly RunJournal _journal;
    private readonly Func<string, TaskOutcome?> _findOutcome;
    private readonly long _stepMax;
    private readonly bool _asksAgain;
    private UnclaimedAnswer? _unclaimed;
    private bool _resuming;
    private bool _paused;
    private IReadOnlyList<Interrupt> _interrupts = [];
    private ChannelValues? _shown;

    /// <summary>The entry of the open superstep; null if none is open or nobody wants to know.</summary>
    private TimelineMark? _superstep;

    public GraphLoop(CompiledGraph graph, GraphRunOptions options, GraphScope scope, StreamEmitter stream, RunOpening opening)
    {
        _graph = graph;
        _options = options;
        _scope = scope;
        _stream = stream;
        _writer = opening.Writer;
        _journal = opening.Journal;
        _findOutcome = _journal.Find;
        _stepMax = opening.StartStep + 2L + options.RecursionLimit;
        _unclaimed = opening.Unclaimed;
        _resuming = opening.IsResuming;
        _asksAgain = opening.AsksAgain;
    }

    private Checkpoint Current => _journal.Checkpoint;

    private int Step => Current.Step + 1;

    /// <summary>Makes the tasks of the next superstep. Returns false if the run is at its end or pauses.</summary>
    public bool TryPlan(out NodeTask[] tasks, out SuperstepFrame frame)
    {
        tasks = [];
        frame = new SuperstepFrame(
            Current.Values, Step, Current.Id, _resuming, _unclaimed ?? _scope.Unclaimed, IsAskedAgain: _resuming && _asksAgain);
        if (_paused)
        {
            return false;
        }

        if (_resuming)
        {
            _stream.EmitValues(Current);
        }

        // As in LangGraph, the limit counts the superstep that finds nothing left to do, so a graph of one node needs
        // two.
        if (Step > _stepMax)
        {
            throw new GraphRecursionException(_options.RecursionLimit);
        }

        if (MustLeave())
        {
            throw new GraphMovedException();
        }

        EmitCheckpoint();
        if (Current.Next.Count == 0)
        {
            return false;
        }

        tasks = Superstep.Plan(_graph, Current, _findOutcome);
        if (!_resuming && Selects(tasks, _options.InterruptBefore, _graph.Options.InterruptBefore))
        {
            Pause([], Current.Values);
            return false;
        }

        _resuming = false;
        foreach (var task in tasks)
        {
            if (task is { IsFinished: true, Given: null })
            {
                EmitUpdate(task, isCached: true);
            }
        }

        EmitStarts(tasks);
        _superstep = _options.Timeline?.StartSuperstep(_scope.Namespace, Step);
        return true;
    }

    /// <summary>Streams and keeps the outcome of a task as soon as the task is done.</summary>
    public void Settle(NodeTask task, bool alone)
    {
        if (task.IsPaused)
        {
            EmitRequests(task);
            if (task.Interrupts.Count > 0 && !task.Node.Options.IsHidden)
            {
                _stream.Emit(new InterruptsPart(task.Interrupts));
            }
        }
        else if (task.Given is null)
        {
            EmitUpdate(task, task.IsCached);
        }

        EmitResult(task);
        if (!alone || task.IsPaused)
        {
            _ = _journal.Keep(task.ToOutcome());
        }
    }

    /// <summary>
    /// Applies the tasks' writes and saves the checkpoint. Returns false if a task paused, so that the superstep stays
    /// open, or if the run pauses after it.
    /// </summary>
    public async ValueTask<bool> TryApplyAsync(NodeTask[] tasks, CancellationToken cancellationToken)
    {
        var hasErrors = Array.Exists(tasks, static task => task.Error is not null);
        if (hasErrors && Array.Find(tasks, task => task.Error is not null && !Leaves(task)) is { } failed)
        {
            if (failed.Error is ParentCommandException command && !_scope.IsRoot)
            {
                // This is not a failure. The graph ends here, and the task around it continues with the command.
                throw command;
            }

            failed.ErrorText = _options.DescribeError?.Invoke(failed.Error!);
            _ = _journal.Keep(failed.ToOutcome());
            EmitResult(failed);
            throw new NodeFailedException(failed.Node.Name, failed.Error!);
        }

        if (Array.Exists(tasks, task => task.IsPaused))
        {
            EndSuperstep(TimelineStatus.Interrupted);
            Pause([.. tasks.SelectMany(task => task.Interrupts)], Superstep.ApplyFinished(Current.Values, tasks));
            return false;
        }

        if (hasErrors)
        {
            throw ParentCommandException.Join(Current.Values, tasks);
        }

        var (values, following) = Superstep.Apply(_graph, Current, tasks);
        var changed = !ReferenceEquals(values, Current.Values);
        if (tasks[0].Given is not null)
        {
            following = following with { Next = Superstep.Merge(_graph, following.Next, Current.Next.Skip(1)) };
        }

        _unclaimed = null;
        string[] ran = tasks is [{ Given: null } only]
            ? [only.Node.Name]
            : [.. tasks.Where(task => task.Given is null).Select(task => task.Node.Name).Distinct()];
        following = following.ReleaseDeferred(_graph);
        _journal.MoveTo(_writer.Next(Current, CheckpointSource.Loop) with
        {
            Values = values,
            Next = following.Next,
            Barriers = following.Barriers,
            Deferred = following.Deferred,
            LastNodes = ran,
            LastTriggered = Array.Exists(tasks, static task => task.Pending.IsPush)
                ? Superstep.LastTriggered(Current, tasks.Select(static task => task.Pending))
                : null,
            Completed = _options.Checkpointer is null ? [] : [.. tasks.Select(task => task.ToOutcome())],
        });
        EndSuperstep(TimelineStatus.Success, Current);
        if (changed)
        {
            _stream.EmitValues(Current);
        }

        await _journal.SaveAsync(cancellationToken);
        if (Selects(tasks, _options.InterruptAfter, _graph.Options.InterruptAfter))
        {
            Pause([], Current.Values);
            return false;
        }

        return true;
    }

    /// <summary>Notes that the open superstep, if there is one, does not end as it should.</summary>
    public void Fail(Exception error, CancellationToken cancellationToken) => EndSuperstep(
        error is ParentCommandException ? TimelineStatus.Success
        : Tracing.IsFailure(error, cancellationToken) ? TimelineStatus.Error
        : TimelineStatus.Cancelled,
        error: error);

    public GraphRunResult Result() => new(
        _shown ?? Current.Values,
        _interrupts,
        _paused,
        _writer.NewestId is null || _options.Checkpointer is null
            ? null
            : new CheckpointTuple(Current.Tracked(), [.. _journal.Outcomes.Select(outcome => outcome.Tracked())]));

    private static bool Selects(NodeTask[] tasks, NodeSelection ofRun, NodeSelection ofGraph)
    {
        foreach (var task in tasks)
        {
            if (task.Given is null && (Selects(task.Node, ofRun) || Selects(task.Node, ofGraph)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Selects(GraphNode node, NodeSelection selection) =>
        selection.IsAll ? !node.Options.IsHidden : selection.Contains(node.Name);

    /// <summary>Whether the task ends this graph, with what the other tasks write.</summary>
    private bool Leaves(NodeTask task) => task.Error is ParentCommandException { BringsState: true } && !_scope.IsRoot;

    /// <summary>
    /// Whether the run ends here, to continue later. A graph inside another one does not leave, because the task around it would
    /// be run again.
    /// </summary>
    private bool MustLeave() =>
        _options is { Leaves: { } leaves, KeepsSupersteps: true }
        && _scope.IsRoot
        && !_resuming
        && Current is { Source: CheckpointSource.Loop, Next.Count: > 0 }
        && leaves();

    private void EndSuperstep(TimelineStatus status, Checkpoint? made = null, Exception? error = null)
    {
        if (_superstep is { } open)
        {
            _options.Timeline!.EndSuperstep(open, status, made, _options.KeepsSupersteps, error);
            _superstep = null;
        }
    }

    private void EmitCheckpoint()
    {
        if (_options.Checkpointer is not null && _stream.Wants(StreamMode.Checkpoints | StreamMode.Debug))
        {
            var tuple = new CheckpointTuple(Current, _journal.Outcomes);
            var part = CheckpointPart.Of(_graph, _options.ThreadId, tuple, _stream.InfoOf(Current), _stream.StateOf(Current.Values));
            EmitTwice(part, DebugPart.Checkpoint, Current.Step, Current.CreatedAt);
        }
    }

    private void EmitStarts(NodeTask[] tasks)
    {
        if (!_stream.Wants(StreamMode.Tasks | StreamMode.Debug))
        {
            return;
        }

        foreach (var task in tasks.Where(task => task.Given is null && !task.Node.Options.IsHidden))
        {
            var input = task.Pending.Send is { } send ? LazyJson.FromJson(send.Input) : _stream.StateOf(Current.Values);
            var part = new TaskStartPart(task.Id, task.Pending.Node, input, task.Pending.Triggers);
            EmitTwice(part, DebugPart.Task, Step, _options.Time.GetUtcNow());
        }
    }

    private void EmitResult(NodeTask task)
    {
        // A task in which a graph stopped at a breakpoint has no result yet, and no question to show.
        var isOpen = task is { IsPaused: true, Interrupts.Count: 0 };
        if (task.Given is null && !task.IsCached && !isOpen && !task.Node.Options.IsHidden
            && _stream.Wants(StreamMode.Tasks | StreamMode.Debug))
        {
            var part = TaskResultPart.Of(task.Node.Name, task.ToOutcome());
            EmitTwice(part, DebugPart.TaskResult, Step, _options.Time.GetUtcNow());
        }
    }

    private void EmitRequests(NodeTask task)
    {
        if (_stream.Wants(StreamMode.Input))
        {
            foreach (var interrupt in task.Interrupts.Take(task.OwnInterrupts))
            {
                _stream.Emit(new InputRequestedPart(interrupt));
            }
        }
    }

    private void EmitUpdate(NodeTask task, bool isCached)
    {
        if (_stream.Wants(StreamMode.Updates) && !task.Node.Options.IsHidden)
        {
            _stream.Emit(new UpdatePart(task.Node.Name, LazyJson.OfWrites(task.Writes!), isCached));
        }
    }

    /// <summary>Streams a part, and again for the mode <c>debug</c>.</summary>
    private void EmitTwice(StreamPart part, string type, int step, DateTimeOffset time)
    {
        _stream.Emit(part);
        if (_stream.Wants(StreamMode.Debug))
        {
            _stream.Emit(new DebugPart(type, step, time, part));
        }
    }

    /// <summary>
    /// Streams the pause. The streamed state includes the writes of tasks that finished while others asked, as in
    /// LangGraph. The checkpoint does not include them.
    /// </summary>
    private void Pause(IReadOnlyList<Interrupt> interrupts, ChannelValues shown)
    {
        _paused = true;
        _interrupts = interrupts;
        _shown = shown;
        if (interrupts.Count == 0)
        {
            if (!_scope.IsRoot)
            {
                // A breakpoint is reported once, by the graph that was asked to run.
                return;
            }

            _stream.Emit(new InterruptsPart(interrupts));
        }

        _stream.EmitValues(Current, shown, interrupts);
    }
}
