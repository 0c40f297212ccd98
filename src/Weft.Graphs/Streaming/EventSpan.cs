using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Something that goes on in a run, for the stream mode <c>events</c>: LangChain's events of version 2
/// (docs/protocol/streaming.md D8). Spans that begin inside it, on the same flow of execution, have it as their parent.
/// What fails or pauses does not end.
/// </summary>
public sealed class EventSpan
{
    private static readonly AsyncLocal<EventSpan?> Innermost = new();

    private readonly StreamEmitter _stream;
    private readonly string _kind;
    private readonly StreamPayload _input;
    private readonly EventSpan? _parent;
    private readonly IReadOnlyList<string> _parentIds;
    private readonly IReadOnlyList<string> _runTags;
    private readonly byte[] _metadata;
    private readonly byte[] _tail;

    private EventSpan(StreamEmitter stream, string kind, string name, string runId, StreamPayload input, IReadOnlyList<string> tags, byte[] metadata, EventSpan? parent, IReadOnlyList<string> runTags)
    {
        _stream = stream;
        _kind = kind;
        RunId = runId;
        _input = input;
        _metadata = metadata;
        _parent = parent;
        _runTags = runTags;
        _parentIds = parent is null ? [] : [.. parent._parentIds, parent.RunId];
        _tail = [.. "},"u8, .. GraphJson.Encode((Span: this, name, tags), static (writer, s) => s.Span.WriteCommon(writer, s.name, s.tags)).AsSpan(1)];
    }

    /// <summary>The id of the span. That of the root graph is the run's.</summary>
    public string RunId { get; }

    /// <summary>Tells a piece of the result.</summary>
    public void Stream(StreamPayload chunk) => Emit("stream", "chunk", chunk);

    /// <summary>Tells the result.</summary>
    public void End(StreamPayload output)
    {
        Innermost.Value = _parent;
        // Of the run itself the start has told the input.
        Emit("end", "output", output, _parent is null ? null : _input);
    }

    /// <summary>Tells that a tool failed; of what else fails, the run's <c>error</c> tells.</summary>
    internal void Fail(string message)
    {
        Innermost.Value = _parent;
        Emit("error", "error", StreamPayload.FromText(message), _input);
    }

    /// <summary>Begins a span inside the innermost one.</summary>
    internal static EventSpan Start(StreamEmitter stream, EventKind kind, string name, StreamPayload input, IReadOnlyList<string> tags, byte[] metadata, TimeProvider time) =>
        Enter(new EventSpan(stream, NameOf(kind), name, NewId(time), input, tags, metadata, Innermost.Value, Innermost.Value?._runTags ?? []));

    /// <summary>
    /// Begins the span of a graph; null when nobody wants to know. A graph inside another has the metadata of the task
    /// around it.
    /// </summary>
    internal static EventSpan? StartGraph(StreamEmitter stream, string name, GraphInput input, GraphRunOptions options, bool isRoot)
    {
        if (!stream.Wants(StreamMode.Events))
        {
            return null;
        }

        var parent = isRoot ? null : Innermost.Value;
        var given = StreamPayload.Of(input, static (writer, input) => input.WriteTo(writer));
        var metadata = parent?._metadata ?? System.Text.Encoding.UTF8.GetBytes(options.Metadata);
        return Enter(new EventSpan(stream, NameOf(EventKind.Chain), name, isRoot && options.RunId is { } runId ? runId : NewId(options.Time), given, [], metadata, parent, options.Tags));
    }

    private static EventSpan Enter(EventSpan span)
    {
        Innermost.Value = span;
        span.Emit("start", "input", span._input);
        return span;
    }

    private static string NewId(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString();

    private static string NameOf(EventKind kind) => kind switch
    {
        EventKind.Chain => "chain",
        EventKind.ChatModel => "chat_model",
        EventKind.Tool => "tool",
        EventKind.Retriever => "retriever",
        EventKind.Prompt => "prompt",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of events."),
    };

    private void Emit(string phase, string member, StreamPayload value, StreamPayload? input = null) =>
        _stream.Emit(StreamMode.Events, new EventPayload($"on_{_kind}_{phase}", member, value, input, _tail));

    private void WriteCommon(Utf8JsonWriter writer, string name, IReadOnlyList<string> tags)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("run_id"u8, RunId);
        WriteTexts(writer, "parent_ids", _parentIds);
        WriteTexts(writer, "tags", [.. tags, .. _runTags]);
        writer.WritePropertyName("metadata"u8);
        writer.WriteRawValue(_metadata, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
