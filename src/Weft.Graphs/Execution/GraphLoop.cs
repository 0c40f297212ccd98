using System.Collections.Concurrent;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>One run of a graph, superstep by superstep: plan, run, apply, checkpoint.</summary>
internal sealed partial class GraphLoop : ITaskJournal
{
    private readonly CompiledGraph _graph;
    private readonly GraphRunOptions _options;
    private readonly GraphScope _scope;
    private readonly CheckpointSaver _saver;
    private readonly CheckpointWriter _writer;
    private readonly StreamEmitter _stream;
    private readonly long _stepMax;
    private readonly Dictionary<string, TaskOutcome> _outcomes = [];
    private ConcurrentDictionary<string, string>? _claims;
    private Checkpoint _checkpoint;
    private OpenAnswer? _open;
    private bool _isPast;
    private bool _resuming;
    private bool _paused;
    private IReadOnlyList<Interrupt> _interrupts = [];
    private ChannelValues? _shown;

    private GraphLoop(CompiledGraph graph, GraphRunOptions options, GraphScope scope, StreamEmitter stream, Checkpoint checkpoint, bool exists)
    {
        _graph = graph;
        _options = options;
        _scope = scope;
        _stream = stream;
        _saver = new CheckpointSaver(options, exists ? checkpoint.Id : null);
        _writer = new CheckpointWriter(options, scope, exists ? checkpoint.Id : null);
        _checkpoint = checkpoint;
        _stepMax = checkpoint.Step + 2L + options.RecursionLimit;
    }

    private int Step => _checkpoint.Step + 1;

    private Fence? Fence => _scope.Fence ?? _options.Guard?.Fence;

    /// <summary>Loads the checkpoint to start from and takes in the input.</summary>
    public static async Task<GraphLoop> BeginAsync(
        CompiledGraph graph, GraphInput input, GraphRunOptions options, GraphScope scope, StreamEmitter stream, CancellationToken cancellationToken)
    {
        var saved = options.Checkpointer is null ? null : await options.Checkpointer.FindAsync(graph.Schema, scope.Namespace, options.CheckpointId, cancellationToken);
        if (saved is null && options.CheckpointId is not null)
        {
            throw new CheckpointNotFoundException(options.CheckpointId);
        }

        var newest = options.CheckpointId is null || options.Checkpointer is null
            ? saved?.Checkpoint.Id
            : (await options.Checkpointer.FindAsync(graph.Schema, scope.Namespace, null, cancellationToken))?.Checkpoint.Id;
        var loop = new GraphLoop(graph, options, scope, stream, saved?.Checkpoint ?? graph.Nothing with { Namespace = scope.Namespace }, saved is not null);
        loop._writer.NewestId = newest;
        loop._isPast = options.CheckpointId is not null && !GoesOnFrom(saved!.Checkpoint, newest, input);
        if (scope.IsRoot)
        {
            options.Guard?.Attach(loop);
        }

        try
        {
            await loop.TakeInputAsync(saved, input, cancellationToken);
        }
        catch
        {
            await loop._saver.SettleAsync();
            throw;
        }

        return loop;
    }

    /// <summary>Makes the tasks of the next superstep; false when the run is at its end or pauses.</summary>
    public bool TryPlan(out NodeTask[] tasks, out SuperstepFrame frame)
    {
        tasks = [];
        frame = new SuperstepFrame(_checkpoint.Values, Step, _checkpoint.Id, _resuming, _open ?? _scope.Open);
        if (_paused)
        {
            return false;
        }

        // As in LangGraph, the limit counts the superstep that finds nothing left to do, so a graph of one node needs
        // two.
        if (Step > _stepMax)
        {
            throw new GraphRecursionException(_options.RecursionLimit);
        }

        EmitCheckpoint();
        if (_checkpoint.Next.Count == 0)
        {
            return false;
        }

        tasks = Superstep.Plan(_graph, _checkpoint, id => _outcomes.GetValueOrDefault(id));
        if (!_resuming && Selects(tasks, _options.InterruptBefore, _graph.Options.InterruptBefore))
        {
            Pause([], _checkpoint.Values);
            return false;
        }

        _resuming = false;
        foreach (var task in tasks)
        {
            if (task is { IsFinished: true, Given: null })
            {
                _stream.Emit(StreamMode.Updates, new UpdatesPayload(task.Node.Name, task.Writes!, cached: true));
            }
        }

        EmitStarts(tasks);
        return true;
    }

    /// <summary>Shows and keeps what a task did, as soon as it is done.</summary>
    public void Settle(NodeTask task, bool alone)
    {
        if (task.IsPaused)
        {
            if (task.Interrupts.Count > 0)
            {
                _stream.Emit(StreamMode.Updates, new UpdatesPayload(task.Interrupts));
            }
        }
        else if (task.Given is null)
        {
            _stream.Emit(StreamMode.Updates, new UpdatesPayload(task.Node.Name, task.Writes!, task.IsCached));
        }

        EmitResult(task);
        if (!alone || task.IsPaused)
        {
            _ = Keep(task.ToOutcome());
        }
    }

    /// <summary>
    /// Applies the tasks' writes and saves the checkpoint; false when a task failed or asked, so that the superstep
    /// stays open.
    /// </summary>
    public async ValueTask<bool> TryApplyAsync(NodeTask[] tasks, CancellationToken cancellationToken)
    {
        if (Array.Find(tasks, task => task.Error is not null) is { } failed)
        {
            if (failed.Error is ParentCommandException command && !_scope.IsRoot)
            {
                // This is not a failure. The graph ends here, and the task around it continues with the command.
                throw command;
            }

            failed.ErrorText = _options.DescribeError?.Invoke(failed.Error!);
            _ = Keep(failed.ToOutcome());
            EmitResult(failed);
            throw new NodeFailedException(failed.Node.Name, failed.Error!);
        }

        if (Array.Exists(tasks, task => task.IsPaused))
        {
            Pause([.. tasks.SelectMany(task => task.Interrupts)], Superstep.ApplyFinished(_checkpoint.Values, tasks));
            return false;
        }

        var (values, following) = Superstep.Apply(_graph, _checkpoint, tasks);
        var changed = !ReferenceEquals(values, _checkpoint.Values);
        if (tasks[0].Given is not null)
        {
            following = following with { Next = Superstep.Merge(_graph, following.Next, _checkpoint.Next.Skip(1)) };
        }

        _outcomes.Clear();
        _claims = null;
        _open = null;
        string[] ran = [.. tasks.Where(task => task.Given is null).Select(task => task.Node.Name).Distinct()];
        following = following.Released(_graph);
        _checkpoint = _writer.Next(_checkpoint, CheckpointSource.Loop) with
        {
            Values = values,
            Next = following.Next,
            Barriers = following.Barriers,
            Deferred = following.Deferred,
            LastNodes = ran.Length > 0 ? ran : _checkpoint.LastNodes,
            Completed = _options.Checkpointer is null ? [] : [.. tasks.Select(task => task.ToOutcome())],
        };
        if (changed)
        {
            _stream.EmitValues(values);
        }

        await _saver.SaveAsync(_checkpoint, cancellationToken);
        if (Selects(tasks, _options.InterruptAfter, _graph.Options.InterruptAfter))
        {
            Pause([], _checkpoint.Values);
            return false;
        }

        return true;
    }

    /// <summary>Waits until all is kept that is to be kept, also after a failure.</summary>
    public Task FlushAsync() => _saver.FlushAsync(_checkpoint, _outcomes.Values);

    /// <summary>Saves the results of a loop whose code still runs after the run has ended.</summary>
    public Task AbandonAsync()
    {
        TaskOutcome[] outcomes;
        lock (_outcomes)
        {
            outcomes = [.. _outcomes.Values];
        }

        return _saver.FlushAsync(_checkpoint, outcomes);
    }

    public TaskOutcome? Find(string id)
    {
        lock (_outcomes)
        {
            return _outcomes.GetValueOrDefault(id);
        }
    }

    public bool TryClaim(string checkpointNamespace, string taskId) =>
        LazyInitializer.EnsureInitialized(ref _claims, static () => new ConcurrentDictionary<string, string>()).GetOrAdd(checkpointNamespace, taskId) == taskId;

    public Task KeepAsync(TaskOutcome outcome)
    {
        var kept = Keep(outcome);
        return _options.Durability == Durability.Sync ? kept : Task.CompletedTask;
    }

    public GraphRunResult Result() => new(
        _shown ?? _checkpoint.Values,
        _interrupts,
        _paused,
        _writer.NewestId is null || _options.Checkpointer is null ? null : new CheckpointTuple(_checkpoint.Tracked(), [.. _outcomes.Values.Select(outcome => outcome.Tracked())]));

    private static bool Selects(NodeTask[] tasks, NodeSelection ofRun, NodeSelection ofGraph) =>
        Array.Exists(tasks, task => task.Given is null && (ofRun.Contains(task.Node.Name) || ofGraph.Contains(task.Node.Name)));

    private Task Keep(TaskOutcome outcome)
    {
        Fence?.ThrowIfClosed();
        lock (_outcomes)
        {
            _outcomes[outcome.TaskId] = outcome;
        }

        return _saver.SaveOutcome(_checkpoint, outcome);
    }

    private void EmitCheckpoint()
    {
        if (_options.Checkpointer is not null && _stream.Wants(StreamMode.Checkpoints | StreamMode.Debug))
        {
            var payload = new CheckpointPayload(_graph, _options.ThreadId, new CheckpointTuple(_checkpoint, [.. _outcomes.Values]));
            _stream.Emit(StreamMode.Checkpoints, payload);
            _stream.Emit(StreamMode.Debug, new DebugPayload("checkpoint", _checkpoint.Step, _checkpoint.CreatedAt, payload));
        }
    }

    private void EmitStarts(NodeTask[] tasks)
    {
        if (!_stream.Wants(StreamMode.Tasks | StreamMode.Debug))
        {
            return;
        }

        foreach (var task in tasks.Where(task => task.Given is null))
        {
            var payload = new TaskStartPayload(task.Id, task.Pending, _checkpoint.Values);
            _stream.Emit(StreamMode.Tasks, payload);
            _stream.Emit(StreamMode.Debug, new DebugPayload("task", Step, _options.Time.GetUtcNow(), payload));
        }
    }

    private void EmitResult(NodeTask task)
    {
        // A task in which a graph stopped at a breakpoint has no result yet, and no question to show.
        var isOpen = task is { IsPaused: true, Interrupts.Count: 0 };
        if (task.Given is null && !task.IsCached && !isOpen && _stream.Wants(StreamMode.Tasks | StreamMode.Debug))
        {
            var payload = new TaskResultPayload(task.Node.Name, task.ToOutcome());
            _stream.Emit(StreamMode.Tasks, payload);
            _stream.Emit(StreamMode.Debug, new DebugPayload("task_result", Step, _options.Time.GetUtcNow(), payload));
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

            _stream.Emit(StreamMode.Updates, new UpdatesPayload(interrupts));
        }

        _stream.EmitValues(shown, interrupts);
    }
}
