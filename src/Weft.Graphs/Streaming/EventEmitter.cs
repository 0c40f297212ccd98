using System.Globalization;

namespace Weft.Graphs;

/// <summary>Tells what a task does, for the stream mode <c>events</c> (docs/protocol/streaming.md D8).</summary>
public sealed class EventEmitter
{
    private readonly StreamEmitter _stream;
    private readonly MessageEmitter _messages;
    private readonly TimeProvider _time;

    internal EventEmitter(StreamEmitter stream, MessageEmitter messages, TimeProvider time)
    {
        _stream = stream;
        _messages = messages;
        _time = time;
    }

    /// <summary>Whether anyone wants the events. When not, encoding what they tell is wasted work.</summary>
    public bool IsRequested => _stream.Wants(StreamMode.Events) && !_messages.IsHidden;

    /// <summary>
    /// Tells that something begins; null when nobody wants to know. <see cref="EventSpan.End"/> tells what came of it.
    /// </summary>
    /// <param name="kind">What it is.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="input">What it is given.</param>
    /// <param name="tags">What its events are tagged with.</param>
    /// <param name="model">Which model it is, for <see cref="EventKind.ChatModel"/>.</param>
    public EventSpan? Start(EventKind kind, string name, LazyJson input, IReadOnlyList<string>? tags = null, ModelInfo? model = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(input);
        return IsRequested ? EventSpan.Start(_stream, kind, name, input, tags ?? [], _messages.Metadata(model), _time) : null;
    }

    /// <summary>Tells that the node begins.</summary>
    internal EventSpan? StartNode(NodeContext context, NodeOptions options) =>
        Start(
            EventKind.Chain,
            context.Node,
            InputOf(context),
            [string.Create(CultureInfo.InvariantCulture, $"graph:step:{context.Step}"), .. options.Tags]);

    /// <summary>
    /// Tells that a branch behind the node decides; like LangChain's functions without name it is called
    /// <c>RunnableLambda</c>.
    /// </summary>
    internal EventSpan? StartBranch(NodeContext seeing) => Start(EventKind.Chain, "RunnableLambda", InputOf(seeing));

    private static LazyJson InputOf(NodeContext context) =>
        context.Input is { } sent ? LazyJson.FromJson(sent) : LazyJson.OfState(context.Values);
}
