namespace Weft.Graphs;

/// <summary>A call of a model or a tool that has not ended, for the timeline of its run.</summary>
/// <param name="timeline">The timeline.</param>
/// <param name="entry">Its entry.</param>
/// <param name="stop">The token that stops the node.</param>
internal sealed class TimedCall(RunTimeline timeline, TimelineMark entry, CancellationToken stop)
{
    private string? _model;
    private TokenUsage? _usage;

    /// <summary>Adds tokens that the model reports.</summary>
    public void Add(string? model, TokenUsage usage)
    {
        _model = model ?? _model;
        _usage = _usage is { } before ? before.Plus(usage) : usage;
    }

    public void End() => timeline.EndCall(entry, model: _model, usage: _usage);

    public void Fail(Exception error) => timeline.EndCall(entry, error, _model, _usage, stop);
}
