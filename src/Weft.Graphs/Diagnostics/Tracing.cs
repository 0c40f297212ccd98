using System.Diagnostics;

namespace Weft.Graphs;

/// <summary>The source of all spans, and how a span reports a failure.</summary>
internal static class Tracing
{
    public static ActivitySource Source { get; } = new(WeftTelemetry.Name, typeof(Tracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>
    /// Whether anyone listens to spans. Callers ask first, so that a run that nobody observes allocates nothing for
    /// them.
    /// </summary>
    public static bool IsObserved => Source.HasListeners();

    /// <summary>Starts a span inside the current one; <see langword="null"/> if the listeners do not want it.</summary>
    /// <param name="operation">The operation, from <see cref="WeftTelemetry.Spans"/>.</param>
    /// <param name="target">The second word of its name; <see langword="null"/> if it has none.</param>
    /// <param name="kind">Whether it is a call of another system.</param>
    /// <param name="attributes">The attributes on which a sampler may decide.</param>
    public static Activity? Start(string operation, string? target, ActivityKind kind, params KeyValuePair<string, object?>[] attributes) =>
        Source.StartActivity(kind, parentContext: default, attributes, name: NameOf(operation, target));

    public static string NameOf(string operation, string? target) => target is null ? operation : $"{operation} {target}";

    /// <summary>
    /// Reports the failure of the span's work. Failures that nodes inside it have reported already are not described
    /// again.
    /// </summary>
    public static void Fail(this Activity span, Exception error)
    {
        var isReported = error is NodeFailedException;
        while (error is NodeFailedException { InnerException: { } cause })
        {
            error = cause;
        }

        span.SetTag(WeftTelemetry.Attributes.ErrorType, error.GetType().FullName);
        span.SetStatus(ActivityStatusCode.Error, error.Message);
        if (!isReported)
        {
            span.AddException(error);
        }
    }

    /// <summary>
    /// Whether an exception says that work failed; not that it paused, was stopped, or handed a command to the graph
    /// around it.
    /// </summary>
    public static bool IsFailure(Exception error, CancellationToken stop) =>
        error is not (GraphInterruptException or ParentCommandException)
            && !(error is OperationCanceledException && stop.IsCancellationRequested);
}
