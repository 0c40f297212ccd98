namespace Weft.Graphs;

/// <summary>
/// How a run begins: with new input, a command, answers, or nothing; at the newest checkpoint or at a past one.
/// </summary>
internal sealed class RunOpening
{
    private readonly CompiledGraph _graph;
    private readonly GraphRunOptions _options;
    private readonly GraphScope _scope;
    private readonly CheckpointTuple? _saved;

    private RunOpening(CompiledGraph graph, GraphRunOptions options, GraphScope scope, CheckpointTuple? saved, string? newestId)
    {
        _graph = graph;
        _options = options;
        _scope = scope;
        _saved = saved;
        var start = saved?.Checkpoint ?? graph.Nothing with { Namespace = scope.Namespace };
        StartStep = start.Step;
        Writer = new CheckpointWriter(options, scope, newestId);
        Journal = new RunJournal(options, scope.FenceOf(options), start);
    }

    /// <summary>The step of the checkpoint that was found, before the input.</summary>
    public int StartStep { get; }

    public CheckpointWriter Writer { get; }

    /// <summary>The checkpoint with the input, and the outcomes of the superstep that is open there.</summary>
    public RunJournal Journal { get; }

    /// <summary>The checkpoint that the input or the command made; null if there was none to make.</summary>
    public Checkpoint? Made => Journal.Checkpoint.Id != (_saved?.Checkpoint.Id ?? "") ? Journal.Checkpoint : null;

    /// <summary>Whether the first superstep of the run was begun in an earlier run.</summary>
    public bool IsResuming { get; private set; }

    /// <summary>Whether questions that were answered in an earlier run are open again in the first superstep of the run.</summary>
    public bool AsksAgain { get; private set; }

    /// <summary>The answer that is kept for the first question that is asked; null if there is none.</summary>
    public UnclaimedAnswer? Unclaimed { get; private set; }

    /// <summary>The ids of the interrupts that the run brought answers to.</summary>
    public IReadOnlyList<string> Answered { get; private set; } = [];

    /// <summary>Loads the checkpoint to start from and applies the input.</summary>
    public static async Task<RunOpening> BeginAsync(
        CompiledGraph graph, GraphInput input, GraphRunOptions options, GraphScope scope, CancellationToken cancellationToken)
    {
        var saved = await FindAsync(graph, options, scope, options.CheckpointId, cancellationToken);
        if (saved is null && options.CheckpointId is not null)
        {
            throw new CheckpointNotFoundException(options.CheckpointId);
        }

        var newest = options.CheckpointId is null ? saved : await FindAsync(graph, options, scope, null, cancellationToken);
        var asked = saved is null ? null : await FindQuestionAsync(graph, options, scope, cancellationToken);
        var opening = new RunOpening(graph, options, scope, asked ?? saved, newest?.Checkpoint.Id) { AsksAgain = asked is not null };
        if (scope.IsRoot)
        {
            options.Guard?.Attach(opening.Journal);
        }

        try
        {
            await opening.TakeAsync(input, cancellationToken);
        }
        catch
        {
            await opening.Journal.SettleAsync();
            throw;
        }

        return opening;
    }

    private static async ValueTask<CheckpointTuple?> FindAsync(
        CompiledGraph graph, GraphRunOptions options, GraphScope scope, string? checkpointId, CancellationToken cancellationToken) =>
        options.Checkpointer is { } checkpointer
            ? await checkpointer.FindAsync(graph.Schema, scope.Namespace, checkpointId, cancellationToken)
            : null;

    /// <summary>Finds where this graph, which is inside a task, asked one of the questions that are open again; null if it did not.</summary>
    private static async ValueTask<CheckpointTuple?> FindQuestionAsync(
        CompiledGraph graph, GraphRunOptions options, GraphScope scope, CancellationToken cancellationToken) =>
        scope.AskedAgain.Count > 0
        && await PastQuestions.FindAsync(
            graph, options.Checkpointer!, scope.Namespace, scope.Parents[^1], scope.AskedAgain, cancellationToken) is { } asked
        && asked.Ids.Any(scope.AskedAgain.Contains)
            ? asked.Checkpoint
            : null;

    private async ValueTask TakeAsync(GraphInput input, CancellationToken cancellationToken)
    {
        // The writes of commands to the checkpoint are part of its state, however the thread continues from it.
        Journal.Amend(CommandWrites.Apply(_graph, Journal.Checkpoint, _saved?.FindOutcome(CommandWrites.Id)));
        if (_saved is { } saved && (IsOfThisCall(saved.Checkpoint) || !input.IsNew))
        {
            IsResuming = true;
            var resumption = new RunResumption(_graph, _options, _scope, Writer, Journal);
            Unclaimed = IsOfThisCall(saved.Checkpoint)
                ? await resumption.ContinueInsideAsync(saved, AsksAgain, cancellationToken)
                : await resumption.ContinueAsync(saved, input.Command, cancellationToken);
            Answered = resumption.Answered;
            AsksAgain = resumption.AsksAgain;
        }
        else if (input.IsNew)
        {
            await (_graph.Entry is { } entry
                ? StartAsync(entry, input, cancellationToken)
                : StartAsync(input.Read(_graph), [], cancellationToken));
        }
        else
        {
            await (input.Command is { } command && _graph.Entry is null
                ? StartAsync(WithoutCheckpoint(command), command.Goto, cancellationToken)
                : throw new EmptyInputException("The run has no input, and the thread has no checkpoint to continue from."));
        }
    }

    /// <summary>
    /// Whether the task around this graph runs again, and this is the checkpoint that the graph left at its first time.
    /// </summary>
    private bool IsOfThisCall(Checkpoint checkpoint) =>
        !_scope.IsRoot && _scope.IsResuming && checkpoint.ParentIn(_scope.Parents[^1].Key) == _scope.Parents[^1].Value;

    private ValueTask StartAsync(StateUpdate input, IReadOnlyList<Destination> routes, CancellationToken cancellationToken)
    {
        var checkpoint = Writer.Next(Journal.Checkpoint, CheckpointSource.Input) with
        {
            Input = input,
            Next = [new PendingTask(StateGraph.Start, [StateGraph.Start])],
            Barriers = Checkpoint.NoBarriers,
            Deferred = [],
        };
        Journal.MoveTo(CommandWrites.Go(_graph, checkpoint, routes));
        return Journal.SaveAsync(cancellationToken);
    }

    /// <summary>A workflow has no state to apply its input to. Its one node gets the input unchanged.</summary>
    private ValueTask StartAsync(string entry, GraphInput input, CancellationToken cancellationToken)
    {
        var value = input.Whole
            ?? throw new InvalidUpdateException("The input of a workflow is a value, not an update: make it with GraphInput.Of.");
        if (!input.IsChecked)
        {
            _graph.WorkflowInput!.Check(value, takesUnknown: !_scope.IsRoot);
        }

        Journal.MoveTo(Writer.Next(Journal.Checkpoint, CheckpointSource.Input) with
        {
            Next = [new PendingTask(entry, [StateGraph.Start], new Send(entry, value))],
        });
        return Journal.SaveAsync(cancellationToken);
    }

    private static StateUpdate WithoutCheckpoint(Command command) => command switch
    {
        { Resume: not null } => throw new ResumeException("There is nothing to resume: the thread has no checkpoint."),
        { Update: null, Goto.Count: 0 } => throw new EmptyInputException("The command has no update, no goto and no resume."),
        _ => command.Update ?? StateUpdate.None,
    };
}
