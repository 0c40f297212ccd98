using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// A tool call that has not ended, for the stream modes <c>tools</c> and <c>events</c> (docs/protocol/streaming.md D8) and for the
/// timeline of the run. Made by <see cref="NodeContext.StartTool"/>. A call that pauses the run ends in neither way, because it starts
/// again when the run is resumed.
/// </summary>
public sealed class ToolSpan
{
    private static readonly AsyncLocal<ToolSpan?> Innermost = new();

    private readonly StreamEmitter _stream;
    private readonly ToolCall _call;
    private readonly string _node;
    private readonly EventSpan? _events;
    private readonly ToolSpan? _around;
    private readonly TimedCall? _timed;

    /// <summary>Whether the stream reports the call. If not, only its times are noted.</summary>
    private readonly bool _isStreamed;

    private ToolSpan(StreamEmitter stream, ToolCall call, string node, bool isStreamed, EventSpan? events, TimedCall? timed)
    {
        _stream = stream;
        _call = call;
        _node = node;
        _isStreamed = isStreamed;
        _events = events;
        _timed = timed;
        _around = Innermost.Value;
    }

    /// <summary>
    /// The tool call that the current code runs in, so that the tool can report to it. Null outside of calls, and if nobody listens.
    /// </summary>
    public static ToolSpan? Current => Innermost.Value;

    /// <summary>The id of the call; null if the model gave none.</summary>
    internal string? CallId => _call.Id;

    /// <summary>Tells how far the tool is.</summary>
    public void Report<T>(T data, JsonTypeInfo<T>? typeInfo = null)
    {
        if (_isStreamed)
        {
            Emit(ToolPhase.Progress, LazyJson.FromJson(GraphJson.ToElement(data, typeInfo)));
        }
    }

    /// <summary>Tells that the tool is done.</summary>
    /// <param name="result">The message that answers the model.</param>
    public void End(Message result)
    {
        ArgumentNullException.ThrowIfNull(result);
        _timed?.End();
        if (!_isStreamed)
        {
            return;
        }

        var output = LazyJson.FromUtf8(result.Utf8.ToArray());
        Innermost.Value = _around;
        Emit(ToolPhase.Ended, output);
        _events?.End(output);
    }

    /// <summary>Tells that the tool has failed.</summary>
    public void Fail(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        _timed?.Fail(error);
        if (!_isStreamed)
        {
            return;
        }

        Innermost.Value = _around;
        Emit(ToolPhase.Failed, LazyJson.FromText(error.Message));
        _events?.Fail(error.Message);
    }

    /// <summary>Tells that a tool is called; null when nobody wants to know.</summary>
    internal static ToolSpan? Start(StreamEmitter stream, EventEmitter events, ToolCall call, string node, TimedCall? timed)
    {
        if (!stream.Wants(StreamMode.Tools | StreamMode.Events))
        {
            return timed is null ? null : new ToolSpan(stream, call, node, isStreamed: false, null, timed);
        }

        var started = events.Start(EventKind.Tool, call.Name, LazyJson.FromJson(call.Args));
        var span = new ToolSpan(stream, call, node, isStreamed: true, started, timed);
        Innermost.Value = span;
        if (stream.Wants(StreamMode.Tools))
        {
            span.Emit(ToolPhase.Started, InputOf(call), call.Args.GetRawText());
        }

        return span;
    }

    /// <summary>Encodes the arguments now, because their document may be disposed before anyone reads them.</summary>
    private static LazyJson InputOf(ToolCall call) =>
        LazyJson.FromUtf8(GraphJson.Encode(call.Args, static (writer, args) => args.WriteTo(writer)));

    private void Emit(ToolPhase phase, LazyJson value, string? inputText = null) =>
        _stream.Emit(new ToolPart(phase, _call.Id, _call.Name, value, inputText, _node));
}
