using System.Text;

namespace Weft.Graphs;

/// <summary>
/// Something that goes on in a run, for the stream mode <c>events</c>: LangChain's events of version 2
/// (docs/protocol/streaming.md D8). Spans that begin inside it, on the same flow of execution, have it as their parent.
/// A span that fails or pauses does not end.
/// </summary>
public sealed class EventSpan
{
    private static readonly AsyncLocal<EventSpan?> Innermost = new();

    private readonly StreamEmitter _stream;
    private readonly EventSource _source;
    private readonly LazyJson _input;
    private readonly EventSpan? _parent;
    private readonly IReadOnlyList<string> _runTags;

    private EventSpan(StreamEmitter stream, EventSource source, LazyJson input, EventSpan? parent, IReadOnlyList<string> runTags)
    {
        _stream = stream;
        _source = source;
        _input = input;
        _parent = parent;
        _runTags = runTags;
    }

    /// <summary>The id of the span. That of the root graph is the run's.</summary>
    public string RunId => _source.RunId;

    /// <summary>Reports a piece of the result.</summary>
    public void Stream(LazyJson chunk) => Emit(EventPhase.Stream, chunk);

    /// <summary>Reports the result.</summary>
    public void End(LazyJson output)
    {
        Innermost.Value = _parent;
        // The end of the run itself does not repeat its input.
        Emit(EventPhase.End, output, _parent is null ? null : _input);
    }

    /// <summary>Reports that a tool failed. Other failures are reported by the run's <c>error</c> only.</summary>
    internal void Fail(string message)
    {
        Innermost.Value = _parent;
        Emit(EventPhase.Error, LazyJson.FromText(message), _input);
    }

    /// <summary>Begins a span inside the innermost one.</summary>
    internal static EventSpan Start(
        StreamEmitter stream,
        EventKind kind,
        string name,
        LazyJson input,
        IReadOnlyList<string> tags,
        ReadOnlyMemory<byte> metadata,
        TimeProvider time)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of events.");
        }

        var parent = Innermost.Value;
        var runTags = parent?._runTags ?? [];
        var source = SourceOf(parent, kind, name, NewId.TimeOrdered(time).ToString(), [.. tags, .. runTags], metadata);
        return Enter(new EventSpan(stream, source, input, parent, runTags));
    }

    /// <summary>
    /// Begins the span of a graph; null if the mode is not requested. A graph inside another has the metadata of the
    /// task around it.
    /// </summary>
    internal static EventSpan? StartGraph(StreamEmitter stream, string name, GraphInput input, GraphRunOptions options, bool isRoot)
    {
        if (!stream.Wants(StreamMode.Events))
        {
            return null;
        }

        var parent = isRoot ? null : Innermost.Value;
        var given = LazyJson.Of(input, static (writer, input) => input.WriteTo(writer));
        var metadata = parent?._source.Metadata ?? Encoding.UTF8.GetBytes(options.Metadata);
        var runId = isRoot && options.RunId is { } known ? known : NewId.TimeOrdered(options.Time).ToString();
        var source = SourceOf(parent, EventKind.Chain, name, runId, options.Tags, metadata);
        return Enter(new EventSpan(stream, source, given, parent, options.Tags));
    }

    private static EventSource SourceOf(
        EventSpan? parent, EventKind kind, string name, string runId, IReadOnlyList<string> tags, ReadOnlyMemory<byte> metadata) => new()
        {
            Kind = kind,
            Name = name,
            RunId = runId,
            ParentIds = parent is null ? [] : [.. parent._source.ParentIds, parent.RunId],
            Tags = tags,
            Metadata = metadata,
        };

    private static EventSpan Enter(EventSpan span)
    {
        Innermost.Value = span;
        span.Emit(EventPhase.Start, span._input);
        return span;
    }

    private void Emit(EventPhase phase, LazyJson value, LazyJson? input = null) =>
        _stream.Emit(new EventPart(_source, phase, value, input));
}
