using System.Diagnostics;
using Microsoft.Extensions.Logging;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Runs;

/// <summary>Reports what happens to a run: one line in the log when it starts and one when it ends, its span, its measurements.</summary>
internal sealed partial class RunTelemetry(
    RunMetrics metrics, AssistantDirectory assistants, TimeProvider time, ILogger<RunExecutor> logger)
{
    private const string UnknownGraph = "unknown";

    /// <summary>Reports that an attempt of a run starts. The caller disposes the span.</summary>
    public Activity? Started(ActiveRun run)
    {
        var graphId = GraphIdOf(run);
        run.StartTimestamp = time.GetTimestamp();
        run.Span = RunSpans.Start(run, graphId);
        LogStarted(run.RunId, run.ThreadId, run.Record.AssistantId, graphId, run.Attempt);
        if (run.Attempt == 1)
        {
            var due = run.Record.NotBefore ?? run.Record.CreatedAt;
            var queued = time.GetUtcNow() - due;
            metrics.RunStarted(graphId, queued > TimeSpan.Zero ? queued : TimeSpan.Zero);
        }

        return run.Span;
    }

    /// <summary>Reports that the end of a run is stored, before anyone who waits for it is notified.</summary>
    public void Ended(ActiveRun run, RunStatus status)
    {
        var graphId = GraphIdOf(run);
        if (run.StartTimestamp is not { } start)
        {
            LogEndedUnstarted(run.RunId, run.ThreadId, run.Record.AssistantId, graphId, status.ToWire());
            return;
        }

        var duration = time.GetElapsedTime(start);
        LogEnded(run.RunId, run.ThreadId, run.Record.AssistantId, graphId, run.Attempt, status.ToWire(), duration.TotalMilliseconds);
        metrics.RunFinished(graphId, status, duration);
        run.Span?.SetTag(Attributes.RunStatus, status.ToWire());
        run.Span?.Stop();
    }

    private string GraphIdOf(ActiveRun run) => assistants.Find(run.Record.AssistantId)?.Graph.GraphId ?? UnknownGraph;

    [LoggerMessage(
        10,
        LogLevel.Information,
        "Started run {RunId} of thread {ThreadId}: assistant {AssistantId}, graph {GraphId}, attempt {Attempt}.")]
    private partial void LogStarted(RunId runId, ThreadId threadId, AssistantId assistantId, string graphId, int attempt);

    [LoggerMessage(
        11,
        LogLevel.Information,
        "Ended run {RunId} of thread {ThreadId}: assistant {AssistantId}, graph {GraphId}, attempt {Attempt}, status {Status}, "
        + "{ElapsedMilliseconds:0.0} ms.")]
    private partial void LogEnded(
        RunId runId, ThreadId threadId, AssistantId assistantId, string graphId, int attempt, string status, double elapsedMilliseconds);

    [LoggerMessage(
        12,
        LogLevel.Information,
        "Ended run {RunId} of thread {ThreadId}, which had not started: assistant {AssistantId}, graph {GraphId}, status {Status}.")]
    private partial void LogEndedUnstarted(RunId runId, ThreadId threadId, AssistantId assistantId, string graphId, string status);
}
