using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Applies the input of a run: new input, a command, answers, or nothing; at the newest checkpoint or at a past one.
/// </summary>
internal sealed partial class GraphLoop
{
    private async ValueTask TakeInputAsync(CheckpointTuple? saved, GraphInput input, CancellationToken cancellationToken)
    {
        // The writes of commands to the checkpoint are part of its state, however the thread continues from it.
        _checkpoint = NullTask.Apply(_graph, _checkpoint, saved?.FindOutcome(NullTask.Id));
        if (!_scope.IsRoot && saved is not null && IsOfThisCall(saved.Checkpoint))
        {
            await GoOnInsideAsync(saved, cancellationToken);
            return;
        }

        if (input.IsNew)
        {
            await (_graph.Entry is { } entry ? BeginAsync(entry, input, cancellationToken) : BeginAsync(input.Read(_graph), [], cancellationToken));
            return;
        }

        if (input.Command is { } command && saved is null && _graph.Entry is null)
        {
            await BeginAsync(WithoutCheckpoint(command), command.Goto, cancellationToken);
            return;
        }

        if (saved is null)
        {
            throw new EmptyInputException("The run has no input, and the thread has no checkpoint to go on from.");
        }

        if (!_isPast)
        {
            foreach (var outcome in saved.Outcomes)
            {
                _outcomes[outcome.TaskId] = outcome;
            }
        }
        else if (input.Command?.Resume is null)
        {
            if (input.Command is { } refusable)
            {
                // Check first, so that a refused command leaves no copy.
                _ = Steered(refusable);
            }

            // The tasks of a past checkpoint run again, on a copy of it. Their earlier outcomes are not used.
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
            await TakeAsync(given, cancellationToken);
        }

        OpenAnswer();
        _stream.EmitValues(_checkpoint.Values);
    }

    /// <summary>
    /// Whether a checkpoint that the run names is where the thread is anyway, so that the run continues what is open
    /// there. From an edit or a copy a run begins again each time, unless it brings answers.
    /// </summary>
    private static bool GoesOnFrom(Checkpoint named, string? newest, GraphInput input) =>
        named.Id == newest && (input.Command?.Resume is not null || named.Source is not (CheckpointSource.Update or CheckpointSource.Fork));

    /// <summary>
    /// Whether the task around this graph runs again and this is what the graph left at its first time.
    /// </summary>
    private bool IsOfThisCall(Checkpoint checkpoint) => _scope.IsResuming && checkpoint.ParentIn(_scope.Parents[^1].Key) == _scope.Parents[^1].Value;

    private async ValueTask GoOnInsideAsync(CheckpointTuple saved, CancellationToken cancellationToken)
    {
        foreach (var outcome in saved.Outcomes)
        {
            _outcomes[outcome.TaskId] = outcome;
        }

        _resuming = true;
        if (_scope.Answers.Count > 0)
        {
            // An attempt of this run that died may have taken its answers in; what is asked since is another question.
            Take(_scope.Answers, Pending().Where(task => _options.RunId is null || task.Saved!.ResumedBy != _options.RunId));
            if (!_outcomes.ContainsKey(NullTask.Id) && await AskedBeforeEditsAsync(saved.Checkpoint, cancellationToken) is { } asked
                && _scope.Answers.Where(answer => asked.Contains(answer.Key)).Select(answer => (JsonElement?)answer.Value).FirstOrDefault() is { } answer)
            {
                TakeOpen(answer);
            }
        }

        OpenAnswer();
        _stream.EmitValues(_checkpoint.Values);
    }

    /// <summary>The ids of the questions that edits of this graph took away; null if it was not edited.</summary>
    private async ValueTask<HashSet<string>?> AskedBeforeEditsAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        HashSet<string>? asked = null;
        while (checkpoint is { Source: CheckpointSource.Update or CheckpointSource.Fork, ParentId: { } parent }
            && await _options.Checkpointer!.FindAsync(_graph.Schema, _scope.Namespace, parent, cancellationToken) is { } before)
        {
            (asked ??= []).UnionWith(before.Outcomes.SelectMany(outcome => outcome.Interrupts).Select(interrupt => interrupt.Id));
            checkpoint = before.Checkpoint;
        }

        return asked;
    }

    /// <summary>
    /// At a past checkpoint, answers are forgotten and the questions are open again; what never asked keeps its
    /// outcome.
    /// </summary>
    private void AskAgain(CheckpointTuple saved)
    {
        foreach (var task in Superstep.Plan(_graph, _checkpoint, saved.OutcomesById()))
        {
            if (task.Saved is { } outcome)
            {
                _outcomes[task.Id] = outcome switch
                {
                    { Resumes.Count: > 0 } => Asking(task.Id, [], [TaskIds.ForInterrupt(task.Namespace, 0)]),
                    { Questions: { Count: > 0 } questions } => Asking(task.Id, questions, questions.Select(question => question.Id)),
                    _ => outcome,
                };
            }
        }
    }

    private static TaskOutcome Asking(string taskId, IEnumerable<TaskQuestion> questions, IEnumerable<string> ids) => new()
    {
        TaskId = taskId,
        Questions = [.. questions.Select(question => question with { Answer = null })],
        Interrupts = [.. ids.Select(id => new Interrupt(id, GraphJson.Null))],
    };

    private async Task BeginAsync(StateUpdate input, IReadOnlyList<Destination> routes, CancellationToken cancellationToken)
    {
        _checkpoint = _writer.Next(_checkpoint, CheckpointSource.Input) with
        {
            Input = input,
            Next = [new PendingTask(StateGraph.Start, [StateGraph.Start])],
            Barriers = Checkpoint.NoBarriers,
            Deferred = [],
        };
        _checkpoint = NullTask.Go(_graph, _checkpoint, routes);
        await _saver.SaveAsync(_checkpoint, cancellationToken);
    }

    /// <summary>A workflow has no state to apply its input to. Its one node gets the input unchanged.</summary>
    private async Task BeginAsync(string entry, GraphInput input, CancellationToken cancellationToken)
    {
        _checkpoint = _writer.Next(_checkpoint, CheckpointSource.Input) with
        {
            Next = [new PendingTask(entry, [StateGraph.Start], new Send(entry, input.Json ?? throw new InvalidUpdateException("The input of a workflow is a value, not an update: make it with GraphInput.Of.")))],
        };
        await _saver.SaveAsync(_checkpoint, cancellationToken);
    }

    private static StateUpdate WithoutCheckpoint(Command command) => command switch
    {
        { Resume: not null } => throw new ResumeException("There is nothing to resume: the thread has no checkpoint."),
        { Update: null, Goto.Count: 0 } => throw new EmptyInputException("The command has no update, no goto and no resume."),
        _ => command.Update ?? StateUpdate.None,
    };

    private async ValueTask TakeAsync(Command command, CancellationToken cancellationToken)
    {
        if (_options.RunId is not null && _outcomes.Values.Any(outcome => outcome.ResumedBy == _options.RunId))
        {
            // An earlier attempt of this very run took the command in before it died.
            return;
        }

        // Check first, so that no answer of a refused command is stored.
        var steered = Steered(command);
        if (command.Resume is { } answer)
        {
            Resume(answer, command.StrictResume);
        }

        if (command.Update is null && command.Goto.Count == 0)
        {
            return;
        }

        if (command.Resume is null && _outcomes.Values.All(outcome => outcome is { TaskId: NullTask.Id, Resumes.Count: 0 }))
        {
            // The superstep has not begun, so the command is an input, with a checkpoint from which to run again.
            _outcomes.Clear();
            _checkpoint = _writer.Next(steered, CheckpointSource.Input) with { Input = steered.Input };
            await _saver.SaveAsync(_checkpoint, cancellationToken);
            return;
        }

        // Tasks that have finished, or wait for answers, keep what they did only at this checkpoint.
        _checkpoint = steered;
        _ = Keep(NullTask.Outcome(command, _outcomes.GetValueOrDefault(NullTask.Id), _options.RunId));
    }

    /// <summary>The checkpoint with the command's update and goto.</summary>
    private Checkpoint Steered(Command command) => command is { Resume: null, Update: null, Goto.Count: 0 }
        ? throw new EmptyInputException("The command has no update, no goto and no resume.")
        : NullTask.Apply(_graph, _checkpoint, NullTask.Outcome(command, null, null));

    private void Resume(JsonElement answer, bool strict)
    {
        var pending = Pending().ToList();
        if (pending.Count == 0 && _checkpoint.Next.Count > 0 && !ResumeAnswers.IsMap(answer))
        {
            TakeOpen(answer);
            return;
        }

        Take(ResumeAnswers.Match(answer, strict, [.. pending.SelectMany(QuestionsOf).Distinct()]), pending);
    }

    private void TakeOpen(JsonElement answer) => _ = Keep(NullTask.Outcome(answer, _outcomes.GetValueOrDefault(NullTask.Id), _options.RunId));

    /// <summary>Offers the answer that was kept for the first question that is asked, until it is taken.</summary>
    private void OpenAnswer()
    {
        if (_outcomes.TryGetValue(NullTask.Id, out var outcome) && outcome.Resumes is [var answer])
        {
            _open = new OpenAnswer(answer, () => Keep(outcome with { Resumes = [] }));
        }
    }

    private IEnumerable<NodeTask> Pending() => _checkpoint.Next.Count == 0
        ? []
        : Superstep.Plan(_graph, _checkpoint, id => _outcomes.GetValueOrDefault(id)).Where(task => !task.IsFinished && QuestionsOf(task).Any());

    /// <summary>
    /// The ids of the interrupts that a task is waiting on. A task that failed on an answer accepts another one
    /// instead.
    /// </summary>
    private static IEnumerable<string> QuestionsOf(NodeTask task) => task.Saved switch
    {
        { Interrupts: { Count: > 0 } interrupts } => interrupts.Select(interrupt => interrupt.Id),
        { Error: not null, Answers: { Count: > 0 } answers } => answers.Keys,
        { Error: not null } failed =>
        [
            .. failed.Questions.Where(question => question.Answer is not null).Select(question => question.Id),
            .. failed.Resumes.Count == 0 ? Array.Empty<string>() : [TaskIds.ForInterrupt(task.Namespace, failed.Resumes.Count - 1)],
        ],
        _ => [],
    };

    /// <summary>Gives answers to the tasks that asked, or to the graphs inside them.</summary>
    private void Take(IReadOnlyDictionary<string, JsonElement> answers, IEnumerable<NodeTask> pending)
    {
        foreach (var task in pending)
        {
            if (QuestionsOf(task).Any(answers.ContainsKey))
            {
                var outcome = task.Saved!;
                _ = Keep(outcome is { Error: not null, Interrupts.Count: 0 } ? Replaced(task, outcome, answers) : Answered(task, outcome, answers));
            }
        }
    }

    /// <summary>The outcome of a task that failed, with other answers instead of those that it failed on.</summary>
    private TaskOutcome Replaced(NodeTask task, TaskOutcome outcome, IReadOnlyDictionary<string, JsonElement> answers) => outcome with
    {
        Resumes = outcome.Resumes.Count > 0 && answers.TryGetValue(TaskIds.ForInterrupt(task.Namespace, outcome.Resumes.Count - 1), out var better)
            ? [.. outcome.Resumes.SkipLast(1), better]
            : outcome.Resumes,
        Questions = Answered(outcome.Questions, answers),
        Answers = outcome.Answers.ToDictionary(given => given.Key, given => answers.GetValueOrDefault(given.Key, given.Value)),
        Error = null,
        ResumedBy = _options.RunId,
    };

    /// <summary>
    /// The outcome of a task that asked, with the answers to its questions that are open. An id that is not open
    /// answers nothing.
    /// </summary>
    private TaskOutcome Answered(NodeTask task, TaskOutcome outcome, IReadOnlyDictionary<string, JsonElement> answers)
    {
        var given = outcome.Interrupts.Select(interrupt => interrupt.Id).Distinct().Where(answers.ContainsKey).ToDictionary(id => id, id => answers[id]);
        var identified = outcome.Questions.Select(question => question.Id).ToHashSet();
        // Older outcomes have one id for all questions of a task.
        string[] inOrder = [TaskIds.ForInterrupt(task.Namespace, 0), TaskIds.ForInterrupt(task.Namespace, outcome.Resumes.Count)];
        return outcome with
        {
            Resumes = [.. outcome.Resumes, .. given.Where(answer => inOrder.Contains(answer.Key)).Select(answer => answer.Value)],
            Questions = Answered(outcome.Questions, given),
            Answers = given.Where(answer => !inOrder.Contains(answer.Key) && !identified.Contains(answer.Key)).ToDictionary(),
            Interrupts = [.. outcome.Interrupts.Where(interrupt => !given.ContainsKey(interrupt.Id))],
            ResumedBy = _options.RunId,
        };
    }

    private static IReadOnlyList<TaskQuestion> Answered(IReadOnlyList<TaskQuestion> questions, IReadOnlyDictionary<string, JsonElement> answers) =>
        [.. questions.Select(question => answers.TryGetValue(question.Id, out var answer) ? question with { Answer = answer } : question)];
}
