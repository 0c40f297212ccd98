using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Continues the superstep that is open at a checkpoint: with a command, with answers, or with nothing new.
/// </summary>
internal sealed class RunResumption(
    CompiledGraph graph, GraphRunOptions options, GraphScope scope, CheckpointWriter writer, RunJournal journal)
{
    /// <summary>The ids of the interrupts that the run brought answers to.</summary>
    public IReadOnlyList<string> Answered { get; private set; } = [];

    /// <summary>Whether questions that were answered in an earlier run are open again.</summary>
    public bool AsksAgain { get; private set; }

    /// <summary>Continues from the newest checkpoint, or from the one that the run names.</summary>
    /// <returns>The answer that is kept for the first question that is asked; null if there is none.</returns>
    public async ValueTask<UnclaimedAnswer?> ContinueAsync(CheckpointTuple saved, Command? command, CancellationToken cancellationToken)
    {
        if (options.CheckpointId is null || IsHead(saved.Checkpoint, command))
        {
            journal.Add(saved.Outcomes);
        }
        else if (command?.Resume is { } answer)
        {
            await AskAgainAsync(saved, ResumeAnswers.IdsOf(answer), cancellationToken);
        }
        else
        {
            await ForkAsync(saved.Checkpoint, command, cancellationToken);
        }

        if (command is not null)
        {
            await TakeAsync(command, cancellationToken);
        }

        return KeptUnclaimed();
    }

    /// <summary>
    /// Continues a graph inside a task that runs again. The answers of the run are those that the task was given.
    /// </summary>
    /// <param name="saved">The checkpoint to continue from.</param>
    /// <param name="asksAgain">Whether its questions are open again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<UnclaimedAnswer?> ContinueInsideAsync(
        CheckpointTuple saved, bool asksAgain, CancellationToken cancellationToken)
    {
        if (asksAgain)
        {
            await AskAgainAsync(saved, scope.AskedAgain, cancellationToken);
        }
        else
        {
            journal.Add(saved.Outcomes);
        }

        if (scope.Answers.Count > 0)
        {
            // If an attempt of this run died, its tasks may have the answers already. A question that such a task asked
            // since then is another one.
            Give(scope.Answers, Pending().Where(task => options.RunId is null || task.Saved!.ResumedBy != options.RunId));
            if (journal.Find(CommandWrites.Id) is null
                && await AskedBeforeEditsAsync(saved.Checkpoint, cancellationToken) is { } asked
                && scope.Answers.FirstOrDefault(answer => asked.Contains(answer.Key)) is { Key: not null, Value: var answer })
            {
                KeepUnclaimed(answer);
            }
        }

        return KeptUnclaimed();
    }

    /// <summary>
    /// Whether the checkpoint that the run names is the head of the thread, so that the run continues what is open
    /// there. If the head is an edit or a copy, a run begins again from it each time, unless it brings answers.
    /// </summary>
    private bool IsHead(Checkpoint named, Command? command) =>
        named.Id == writer.NewestId
        && (command?.Resume is not null || named.Source is not (CheckpointSource.Update or CheckpointSource.Fork));

    /// <summary>
    /// At a past checkpoint, answers are forgotten and the questions are open again. Tasks that never asked keep their
    /// outcomes.
    /// </summary>
    private async ValueTask AskAgainAsync(CheckpointTuple saved, IReadOnlySet<string>? wanted, CancellationToken cancellationToken)
    {
        AsksAgain = true;
        journal.Add(
            await PastQuestions.AskAgainAsync(graph, options.Checkpointer!, journal.Checkpoint, saved, wanted, cancellationToken));
    }

    /// <summary>
    /// The tasks of a past checkpoint run again, on a copy of it. Their earlier outcomes are not used.
    /// </summary>
    private async ValueTask ForkAsync(Checkpoint past, Command? command, CancellationToken cancellationToken)
    {
        if (command is not null)
        {
            // Check first, so that a refused command leaves no copy.
            _ = Steered(command);
        }

        if (past.Source is not (CheckpointSource.Update or CheckpointSource.Fork))
        {
            var current = journal.Checkpoint;
            journal.MoveTo(writer.Next(current, CheckpointSource.Fork) with { Input = current.Input });
            await journal.SaveAsync(cancellationToken);
        }
    }

    private async ValueTask TakeAsync(Command command, CancellationToken cancellationToken)
    {
        var outcomes = journal.Outcomes;
        if (options.RunId is not null && outcomes.Any(outcome => outcome.ResumedBy == options.RunId))
        {
            // An earlier attempt of this very run took the command in before it died.
            return;
        }

        // Check first, so that no answer of a refused command is stored.
        var steered = Steered(command);
        if (command.Resume is { } answer)
        {
            Answer(answer, command.StrictResume);
        }

        if (command.Update is null && command.Goto.Count == 0)
        {
            return;
        }

        if (command.Resume is null && outcomes.All(outcome => outcome is { TaskId: CommandWrites.Id, Resumes.Count: 0 }))
        {
            // The superstep has not begun, so the command is an input, with a checkpoint from which to run again.
            journal.MoveTo(writer.Next(steered, CheckpointSource.Input) with { Input = steered.Input });
            await journal.SaveAsync(cancellationToken);
            return;
        }

        // Tasks that have finished, or wait for answers, keep what they did only at this checkpoint.
        journal.Amend(steered);
        _ = journal.Keep(CommandWrites.Outcome(command, journal.Find(CommandWrites.Id), options.RunId));
    }

    /// <summary>The checkpoint with the command's update and goto.</summary>
    private Checkpoint Steered(Command command) => command is { Resume: null, Update: null, Goto.Count: 0 }
        ? throw new EmptyInputException("The command has no update, no goto and no resume.")
        : CommandWrites.Apply(graph, journal.Checkpoint, CommandWrites.Outcome(command, null, null));

    private void Answer(JsonElement answer, bool strict)
    {
        var pending = Pending().ToList();
        if (pending.Count == 0 && journal.Checkpoint.Next.Count > 0 && !ResumeAnswers.IsMap(answer))
        {
            KeepUnclaimed(answer);
            return;
        }

        var answers = ResumeAnswers.Match(answer, strict, [.. pending.SelectMany(TaskAnswers.QuestionsOf).Distinct()]);
        Answered = [.. answers.Keys];
        Give(answers, pending);
    }

    /// <summary>The ids of the questions that edits of this graph removed; null if it was not edited.</summary>
    private async ValueTask<HashSet<string>?> AskedBeforeEditsAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        HashSet<string>? asked = null;
        while (checkpoint is { Source: CheckpointSource.Update or CheckpointSource.Fork, ParentId: { } parent }
            && await options.Checkpointer!.FindAsync(graph.Schema, scope.Namespace, parent, cancellationToken) is { } before)
        {
            (asked ??= []).UnionWith(before.Outcomes.SelectMany(outcome => outcome.Interrupts).Select(interrupt => interrupt.Id));
            checkpoint = before.Checkpoint;
        }

        return asked;
    }

    private IEnumerable<NodeTask> Pending() => journal.Checkpoint.Next.Count == 0
        ? []
        : Superstep.Plan(graph, journal.Checkpoint, journal.Find).Where(task => !task.IsFinished && TaskAnswers.QuestionsOf(task).Any());

    private void Give(IReadOnlyDictionary<string, JsonElement> answers, IEnumerable<NodeTask> pending)
    {
        foreach (var task in pending.Where(task => TaskAnswers.QuestionsOf(task).Any(answers.ContainsKey)))
        {
            _ = journal.Keep(TaskAnswers.Give(task, answers, options.RunId));
        }
    }

    private void KeepUnclaimed(JsonElement answer) =>
        _ = journal.Keep(CommandWrites.Outcome(answer, journal.Find(CommandWrites.Id), options.RunId));

    /// <summary>The answer that is kept for the first question that is asked; null if there is none.</summary>
    private UnclaimedAnswer? KeptUnclaimed() => journal.Find(CommandWrites.Id) is { Resumes: [var answer] } outcome
        ? new UnclaimedAnswer(answer, () => journal.Keep(outcome with { Resumes = [] }))
        : null;
}
