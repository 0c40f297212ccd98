using Microsoft.Extensions.Logging;
using Weft.Graphs;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Runs;

/// <summary>
/// Reports what happens to a run: one line in the log when it starts and one when it ends, its span, its measurements. It never
/// throws: what the code of a listener throws is logged and does not touch the run.
/// </summary>
internal sealed partial class RunTelemetry(
    RunMetrics metrics, AssistantDirectory assistants, SharedClock time, SafeLogger<RunExecutor> logger)
{
    private const string UnknownGraph = "unknown";

    /// <summary>Reports that an attempt of a run starts. The caller reports when it has <see cref="Stopped"/>.</summary>
    public void Started(ActiveRun run)
    {
        run.StartTimestamp = time.GetTimestamp();
        try
        {
            ReportStart(run);
        }
        catch (Exception e)
        {
            LogNotReported(run.RunId, e);
        }
    }

    /// <summary>Reports the failure of an execution.</summary>
    public void Failed(ActiveRun run, Exception failure)
    {
        try
        {
            run.Span?.Fail(failure);
        }
        catch (Exception e)
        {
            LogNotReported(run.RunId, e);
        }
    }

    /// <summary>Reports that the end of a run is stored. Those who wait for it have been notified.</summary>
    public void Ended(ActiveRun run, RunStatus status)
    {
        try
        {
            ReportEnd(run, status);
        }
        catch (Exception e)
        {
            LogNotReported(run.RunId, e);
        }
    }

    /// <summary>Ends the span of an attempt whose end was not reported, because the attempt was released or lost.</summary>
    public void Stopped(ActiveRun run)
    {
        try
        {
            run.Span?.Dispose();
        }
        catch (Exception e)
        {
            LogNotReported(run.RunId, e);
        }
    }

    private void ReportStart(ActiveRun run)
    {
        var graphId = GraphIdOf(run);
        run.Span = RunSpans.Start(run, graphId);
        LogStarted(run.Attempt, run.RunId, run.ThreadId, run.Record.AssistantId, graphId);
        if (run.Attempt == 1)
        {
            var due = run.Record.NotBefore ?? run.Record.CreatedAt;
            var queued = time.GetUtcNow() - due;
            metrics.RunStarted(graphId, queued > TimeSpan.Zero ? queued : TimeSpan.Zero);
        }
    }

    private void ReportEnd(ActiveRun run, RunStatus status)
    {
        var graphId = GraphIdOf(run);
        if (run.StartTimestamp is not { } start)
        {
            LogEndedUnstarted(run.RunId, run.ThreadId, run.Record.AssistantId, graphId, status.ToWire());
            return;
        }

        var duration = time.GetElapsedTime(start);
        LogEnded(run.RunId, run.ThreadId, run.Record.AssistantId, graphId, run.Attempt, status.ToWire(), duration.TotalMilliseconds);
        run.Span?.SetTag(Attributes.RunStatus, status.ToWire());
        run.Span?.Stop();
        metrics.RunEnded(graphId, status, duration);
    }

    // A run that was taken over has no plan before it executes.
    private string GraphIdOf(ActiveRun run) =>
        (run.Plan?.Assistant ?? assistants.Find(run.Record.AssistantId))?.GraphId ?? UnknownGraph;

    // The values are not in the order of the text on purpose: for up to six values in its order, the generator makes code that boxes
    // them and takes twice as long.
    [LoggerMessage(
        10,
        LogLevel.Information,
        "Started run {RunId} of thread {ThreadId}: assistant {AssistantId}, graph {GraphId}, attempt {Attempt}.")]
    private partial void LogStarted(int attempt, RunId runId, ThreadId threadId, AssistantId assistantId, string graphId);

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

    [LoggerMessage(13, LogLevel.Warning, "A listener to telemetry failed for run {RunId}.")]
    private partial void LogNotReported(RunId runId, Exception exception);
}
