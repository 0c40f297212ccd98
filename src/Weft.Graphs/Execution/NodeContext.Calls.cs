namespace Weft.Graphs;

/// <content>What is known of the calls of models and tools.</content>
public sealed partial class NodeContext
{
    /// <summary>Adds up the tokens that models take; null if they are not counted.</summary>
    internal UsageCounter? Usage => _options.Usage;

    /// <summary>Whether the calls of the node are in the timeline of its run.</summary>
    internal bool IsTimed => _options.Timeline is not null;

    /// <summary>Notes that the node calls a model or a tool. Returns null if its run has no timeline.</summary>
    /// <param name="kind">Which of them.</param>
    /// <param name="id">The id of the call; null if it has none.</param>
    /// <param name="name">The name of the client or the tool.</param>
    /// <param name="model">The model; null if it is not known.</param>
    internal TimedCall? StartCall(TimelineKind kind, string? id, string name, string? model = null) =>
        _options.Timeline is { } timeline
            ? new TimedCall(timeline, timeline.StartCall(kind, _task.Id, id, name, model), _stop)
            : null;

    /// <summary>
    /// Reports in the stream modes <c>tools</c> and <c>events</c>, and in the timeline of the run, that the node calls a tool. Report
    /// its end by <see cref="ToolSpan.End"/> or <see cref="ToolSpan.Fail"/>. Returns null if nobody wants to know.
    /// </summary>
    public ToolSpan? StartTool(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ToolSpan.Start(_stream, Events, call, Node, StartCall(TimelineKind.Tool, call.Id, call.Name));
    }
}
