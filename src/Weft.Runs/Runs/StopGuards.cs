using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Creates the guards of runs and edits, and counts the code that they have abandoned.</summary>
internal sealed partial class StopGuards(RunsOptions options, TimeProvider time, SafeLogger<StopGuards> logger)
{
    private int _abandoned;

    /// <summary>The number of abandoned calls that have not returned yet.</summary>
    public int AbandonedCount => Volatile.Read(ref _abandoned);

    public StopGuard OfRun(RunId runId, ThreadId threadId) => new(options.StopGrace, time, work =>
    {
        LogRunAbandoned(runId, threadId, NodesOf(work));
        Count(work);
    });

    public StopGuard OfEdit(ThreadId threadId) => new(options.StopGrace, time, work =>
    {
        LogEditAbandoned(threadId, NodesOf(work));
        Count(work);
    });

    private static string NodesOf(AbandonedWork work) => work.Nodes.Count == 0 ? "none" : string.Join(", ", work.Nodes);

    private void Count(AbandonedWork work)
    {
        Interlocked.Increment(ref _abandoned);
        _ = work.Work.ContinueWith(
            static (_, guards) => Interlocked.Decrement(ref ((StopGuards)guards!)._abandoned),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    [LoggerMessage(
        20,
        LogLevel.Warning,
        "Code of run {RunId} of thread {ThreadId} did not stop in time and was abandoned. Nodes: {Nodes}.")]
    private partial void LogRunAbandoned(RunId runId, ThreadId threadId, string nodes);

    [LoggerMessage(
        21,
        LogLevel.Warning,
        "Code of an edit of thread {ThreadId} did not stop in time and was abandoned. Nodes: {Nodes}.")]
    private partial void LogEditAbandoned(ThreadId threadId, string nodes);
}
