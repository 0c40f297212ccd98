using System.Text.Json;

namespace Weft.Graphs;

/// <summary>One run of a graph, superstep by superstep: plan, run, apply, checkpoint.</summary>
internal sealed class GraphLoop
{
    private readonly CompiledGraph _graph;
    private readonly GraphRunOptions _options;
    private readonly CheckpointSaver _saver;
    private readonly CheckpointWriter _writer;
    private readonly StreamEmitter _stream;
    private readonly int _stepMax;
    private readonly Dictionary<string, TaskOutcome> _outcomes = [];
    private Checkpoint _checkpoint;
    private bool _resuming;
    private bool _paused;
    private IReadOnlyList<Interrupt> _interrupts = [];

    private GraphLoop(CompiledGraph graph, GraphRunOptions options, StreamEmitter stream, Checkpoint checkpoint, bool exists)
    {
        _graph = graph;
        _options = options;
        _stream = stream;
        _saver = new CheckpointSaver(options, exists ? checkpoint.Id : null);
        _writer = new CheckpointWriter(options, exists ? checkpoint.Id : null);
        _checkpoint = checkpoint;
        _stepMax = checkpoint.Step + 2 + options.RecursionLimit;
    }

    public ChannelValues Values => _checkpoint.Values;

    public int Step => _checkpoint.Step + 1;

    /// <summary>Loads the checkpoint to start from and takes in the input.</summary>
    public static async Task<GraphLoop> BeginAsync(CompiledGraph graph, GraphInput input, GraphRunOptions options, StreamEmitter stream, CancellationToken cancellationToken)
    {
        var saved = options.Checkpointer is null ? null : await options.Checkpointer.FindAsync(graph.Schema, "", options.CheckpointId, cancellationToken);
        if (saved is null && options.CheckpointId is not null)
        {
            throw new CheckpointNotFoundException(options.CheckpointId);
        }

        var newest = options.CheckpointId is null || options.Checkpointer is null
            ? saved?.Checkpoint.Id
            : (await options.Checkpointer.FindAsync(graph.Schema, "", null, cancellationToken))?.Checkpoint.Id;
        var loop = new GraphLoop(graph, options, stream, saved?.Checkpoint ?? graph.Nothing, saved is not null);
        loop._writer.NewestId = newest;
        await loop.TakeInputAsync(saved, input, cancellationToken);
        return loop;
    }

    /// <summary>Makes the tasks of the next superstep; false when the run is at its end or pauses.</summary>
    public bool TryPlan(out NodeTask[] tasks)
    {
        tasks = [];
        if (_paused)
        {
            return false;
        }

        // As in LangGraph, the limit counts the superstep that finds nothing left to do, so a graph of one node needs two.
        if (Step > _stepMax)
        {
            throw new GraphRecursionException(_options.RecursionLimit);
        }

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

        return true;
    }

    /// <summary>Shows and keeps what a task did, as soon as it is done.</summary>
    public void Settle(NodeTask task, bool alone)
    {
        if (task.Interrupts.Count > 0)
        {
            _stream.Emit(StreamMode.Updates, new UpdatesPayload(task.Interrupts));
        }
        else if (task.Given is null)
        {
            _stream.Emit(StreamMode.Updates, new UpdatesPayload(task.Node.Name, task.Writes!));
        }

        if (!alone || task.Interrupts.Count > 0)
        {
            Keep(task);
        }
    }

    /// <summary>Applies the tasks' writes and saves the checkpoint; false when a task failed or asked, so that the superstep stays open.</summary>
    public async ValueTask<bool> TryApplyAsync(NodeTask[] tasks, CancellationToken cancellationToken)
    {
        if (Array.Find(tasks, task => task.Error is not null) is { } failed)
        {
            Keep(failed);
            throw new NodeFailedException(failed.Node.Name, failed.Error!);
        }

        var asked = tasks.SelectMany(task => task.Interrupts).ToList();
        if (asked.Count > 0)
        {
            Pause(asked, Superstep.ApplyFinished(_checkpoint.Values, tasks));
            return false;
        }

        var (values, next, barriers) = Superstep.Apply(_graph, _checkpoint.Values, _checkpoint.Barriers, tasks);
        var changed = !ReferenceEquals(values, _checkpoint.Values);
        if (tasks[0].Given is not null)
        {
            next = Superstep.Merge(_graph, next, _checkpoint.Next.Skip(1));
        }

        _outcomes.Clear();
        string[] ran = [.. tasks.Where(task => task.Given is null).Select(task => task.Node.Name).Distinct()];
        _checkpoint = _writer.Next(_checkpoint, CheckpointSource.Loop) with
        {
            Values = values,
            Next = next,
            Barriers = barriers,
            LastNodes = ran.Length > 0 ? ran : _checkpoint.LastNodes,
            Completed = _options.Checkpointer is null ? [] : [.. tasks.Select(task => task.ToOutcome())],
        };
        if (changed)
        {
            _stream.Emit(StreamMode.Values, new ValuesPayload(values, null));
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

    public GraphRunResult Result() => new(
        _checkpoint.Values,
        _interrupts,
        _paused,
        _writer.NewestId is null || _options.Checkpointer is null ? null : new CheckpointTuple(_checkpoint, [.. _outcomes.Values]));

    private static bool Selects(NodeTask[] tasks, NodeSelection ofRun, NodeSelection ofGraph) =>
        Array.Exists(tasks, task => task.Given is null && (ofRun.Contains(task.Node.Name) || ofGraph.Contains(task.Node.Name)));

    private async ValueTask TakeInputAsync(CheckpointTuple? saved, GraphInput input, CancellationToken cancellationToken)
    {
        // What commands wrote to the checkpoint is part of its state, however the thread goes on from it.
        _checkpoint = NullTask.Apply(_graph, _checkpoint, saved?.FindOutcome(NullTask.Id));
        if (input.IsNew)
        {
            await BeginAsync(input.Read(_graph.Schema), [], cancellationToken);
            return;
        }

        if (input.Command is { } command && saved is null)
        {
            await BeginAsync(WithoutCheckpoint(command), command.Goto, cancellationToken);
            return;
        }

        if (saved is null)
        {
            throw new EmptyInputException("The run has no input, and the thread has no checkpoint to go on from.");
        }

        if (_options.CheckpointId is null)
        {
            foreach (var outcome in saved.Outcomes)
            {
                _outcomes[outcome.TaskId] = outcome;
            }
        }
        else if (input.Command?.Resume is null)
        {
            // What the tasks of a past checkpoint did is forgotten: they run again, on a copy of it.
            if (saved.Checkpoint.Source is not (CheckpointSource.Update or CheckpointSource.Fork))
            {
                _checkpoint = _writer.Next(_checkpoint, CheckpointSource.Fork) with { Input = _checkpoint.Input };
                await _saver.SaveAsync(_checkpoint, cancellationToken);
            }
        }
        else
        {
            AskAgain(saved);
        }

        _resuming = true;
        if (input.Command is { } given)
        {
            Take(given);
        }

        _stream.Emit(StreamMode.Values, new ValuesPayload(_checkpoint.Values, null));
    }

    /// <summary>At a past checkpoint, answers are forgotten and the questions are open again; what never asked keeps its outcome.</summary>
    private void AskAgain(CheckpointTuple saved)
    {
        foreach (var task in Superstep.Plan(_graph, _checkpoint, saved.FindOutcome))
        {
            if (task.Saved is { } outcome)
            {
                _outcomes[task.Id] = outcome.Resumes.Count == 0
                    ? outcome
                    : new TaskOutcome { TaskId = task.Id, Interrupts = [new Interrupt(TaskIds.ForInterrupt(task.Namespace), GraphJson.Null)] };
            }
        }
    }

    private async ValueTask BeginAsync(StateUpdate input, IReadOnlyList<Destination> routes, CancellationToken cancellationToken)
    {
        _checkpoint = _writer.Next(_checkpoint, CheckpointSource.Input) with
        {
            Input = input,
            Next = [new PendingTask(StateGraph.Start, [StateGraph.Start])],
            Barriers = Checkpoint.NoBarriers,
        };
        _checkpoint = NullTask.Go(_graph, _checkpoint, routes);
        await _saver.SaveAsync(_checkpoint, cancellationToken);
    }

    private static StateUpdate WithoutCheckpoint(Command command) => command switch
    {
        { Resume: not null } => throw new ResumeException("There is nothing to resume: the thread has no checkpoint."),
        { Update: null, Goto.Count: 0 } => throw new EmptyInputException("The command has no update, no goto and no resume."),
        _ => command.Update ?? StateUpdate.None,
    };

    private void Take(Command command)
    {
        if (command is { Resume: null, Update: null, Goto.Count: 0 })
        {
            throw new EmptyInputException("The command has no update, no goto and no resume.");
        }

        if (_options.RunId is not null && _outcomes.Values.Any(outcome => outcome.ResumedBy == _options.RunId))
        {
            // An earlier attempt of this very run took the command in before it died.
            return;
        }

        if (command.Resume is { } answer)
        {
            Resume(answer, command.StrictResume);
        }

        if (command.Update is not null || command.Goto.Count > 0)
        {
            var outcome = NullTask.Outcome(command, _outcomes.GetValueOrDefault(NullTask.Id), _options.RunId);
            _checkpoint = NullTask.Apply(_graph, _checkpoint, NullTask.Outcome(command, null, null));
            _outcomes[NullTask.Id] = outcome;
            _saver.SaveOutcome(_checkpoint, outcome);
        }
    }

    private void Resume(JsonElement answer, bool strict)
    {
        var pending = _checkpoint.Next.Count == 0
            ? []
            : Superstep.Plan(_graph, _checkpoint, id => _outcomes.GetValueOrDefault(id)).Where(task => task is { IsFinished: false, Saved.Interrupts.Count: > 0 }).ToList();
        var answers = ResumeAnswers.Match(answer, strict, [.. pending.Select(task => task.Saved!)]);
        foreach (var (outcome, value) in answers)
        {
            var answered = outcome with { Resumes = [.. outcome.Resumes, value], Interrupts = [], ResumedBy = _options.RunId };
            _outcomes[outcome.TaskId] = answered;
            _saver.SaveOutcome(_checkpoint, answered);
        }
    }

    private void Keep(NodeTask task)
    {
        var outcome = task.ToOutcome();
        _outcomes[task.Id] = outcome;
        _saver.SaveOutcome(_checkpoint, outcome);
    }

    /// <summary>Shows the pause. The state shown has the writes of tasks that finished beside those that ask, as in LangGraph; the checkpoint has not.</summary>
    private void Pause(IReadOnlyList<Interrupt> interrupts, ChannelValues shown)
    {
        _paused = true;
        _interrupts = interrupts;
        if (interrupts.Count == 0)
        {
            _stream.Emit(StreamMode.Updates, new UpdatesPayload(interrupts));
        }

        _stream.Emit(StreamMode.Values, new ValuesPayload(shown, interrupts));
    }
}
