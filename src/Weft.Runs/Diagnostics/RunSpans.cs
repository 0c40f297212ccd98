using System.Diagnostics;
using Weft.Graphs;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Runs;

/// <summary>The spans of runs, one for each attempt that executes.</summary>
internal static class RunSpans
{
    /// <summary>Returns the context that a run which is created now becomes a child of.</summary>
    /// <remarks>
    /// <para>
    /// The conventions for messages let the work that a message causes be a child of its cause, or a linked trace of its own. A
    /// run is a child: whoever looks for a request wants to see what it did, and the caller's decision to sample holds for all
    /// of it. The span of the run may end after that of the request.
    /// </para>
    /// <para>
    /// The context is not stored. A run that another process continues begins a trace of its own, which the ids of run and
    /// thread connect with the first one.
    /// </para>
    /// </remarks>
    public static ActivityContext CurrentContext()
    {
        if (!Tracing.IsObserved || Activity.Current is not { } current)
        {
            return default;
        }

        // ASP.NET Core makes an activity for the log even if nobody listens to its source. Such a request has no span.
        return current.Source.Name.Length > 0 ? current.Context
            : ActivityContext.TryParse(current.ParentId, current.TraceStateString, isRemote: true, out var caller) ? caller
            : default;
    }

    /// <summary>Starts the span of an attempt; <see langword="null"/> if nobody wants it.</summary>
    public static Activity? Start(ActiveRun run, string graphId)
    {
        if (!Tracing.IsObserved)
        {
            return null;
        }

        var span = Tracing.Source.StartActivity(
            ActivityKind.Internal,
            run.Origin,
            [new(Attributes.Operation, Spans.Run), new(Attributes.AgentName, graphId)],
            name: Tracing.NameOf(Spans.Run, graphId));
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(Attributes.Conversation, run.ThreadId.Value);
            span.SetTag(Attributes.RunId, run.RunId.ToString());
            span.SetTag(Attributes.RunAttempt, run.Attempt);
            span.SetTag(Attributes.AssistantId, run.Record.AssistantId.ToString());
        }

        return span;
    }
}
