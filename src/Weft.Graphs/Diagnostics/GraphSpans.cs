using System.Diagnostics;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Graphs;

/// <summary>The spans of the engine: graph, superstep, node. None has content of messages or of the state.</summary>
internal static class GraphSpans
{
    /// <summary>Starts the span of a graph; <see langword="null"/> if nobody wants it.</summary>
    public static Activity? StartGraph(CompiledGraph graph, GraphRunOptions options, GraphScope scope)
    {
        var span = Tracing.Start(
            Spans.Graph, graph.Name, ActivityKind.Internal, new(Attributes.Operation, Spans.Graph), new(Attributes.AgentName, graph.Name));
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(Attributes.RunId, options.RunId);
            span.SetTag(Attributes.Conversation, options.ThreadId.Length > 0 ? options.ThreadId : null);
            span.SetTag(Attributes.CheckpointNamespace, scope.IsRoot ? null : scope.Namespace);
        }

        return span;
    }

    /// <summary>
    /// Starts the span of a superstep; <see langword="null"/> if nobody wants it, or if the superstep only applies the
    /// input.
    /// </summary>
    public static Activity? StartSuperstep(NodeTask[] tasks, int step) => !Tracing.IsObserved || tasks[0].Given is not null
        ? null
        : Tracing.Start(
            Spans.Superstep,
            null,
            ActivityKind.Internal,
            new(Attributes.Superstep, step),
            new(Attributes.TaskCount, tasks.Length));

    /// <summary>
    /// Starts the span of a task; <see langword="null"/> if nobody wants it, or if the task only applies the input.
    /// </summary>
    public static Activity? StartNode(NodeTask task) => !Tracing.IsObserved || task.Given is not null
        ? null
        : Tracing.Start(
            Spans.Node,
            task.Node.Name,
            ActivityKind.Internal,
            new(Attributes.Node, task.Node.Name),
            new(Attributes.TaskId, task.Id));

    /// <summary>Reports the failure of the first task of a superstep that failed.</summary>
    public static void Report(this Activity superstep, NodeTask[] tasks)
    {
        if (Array.Find(tasks, task => task.Error is not null) is { Error: { } error } failed
            && Tracing.IsFailure(error, CancellationToken.None))
        {
            superstep.Fail(new NodeFailedException(failed.Node.Name, error));
        }
    }

    /// <summary>Reports the failure of a try after which the node of the current span is tried again.</summary>
    public static void ReportRetry(Exception error)
    {
        if (Activity.Current is { } node && node.Source == Tracing.Source)
        {
            node.AddException(error);
        }
    }

    /// <summary>Reports how a task went.</summary>
    public static void Report(this Activity node, NodeTask task, CancellationToken stop)
    {
        if (task.Error is { } error && Tracing.IsFailure(error, stop))
        {
            node.Fail(error);
        }

        node.SetTag(Attributes.TaskIsPaused, task.IsPaused ? true : null);
        node.SetTag(Attributes.TaskIsCached, task.IsCached ? true : null);
    }
}
