namespace Weft.Graphs;

/// <summary>What identifies the things that the code of a task does in one try: its questions, the graphs that it runs, its durable steps.</summary>
internal sealed class TaskTry(NodeTask task, string? runId)
{
    private volatile bool _isClosed;
    private TaskQuestions? _questions;
    private TaskGraphs? _graphs;
    private TaskSteps? _steps;

    /// <summary>Whether the try has ended: what its code does from now on is not recorded.</summary>
    public bool IsClosed => _isClosed;

    public TaskQuestions Questions => LazyInitializer.EnsureInitialized(ref _questions, () => new TaskQuestions(this, task, runId));

    public TaskSteps Steps => LazyInitializer.EnsureInitialized(ref _steps, () => new TaskSteps(task.Id));

    public TaskGraphs Graphs(SuperstepFrame frame, GraphRunOptions options, GraphScope scope, ITaskJournal? journal) =>
        LazyInitializer.EnsureInitialized(ref _graphs, () => new TaskGraphs(task, frame, options, scope, journal));

    public void Close() => _isClosed = true;
}
