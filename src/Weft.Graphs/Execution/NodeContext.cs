using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>What a node has at hand: the state, the run's configuration, the stream, and a way to ask a person.</summary>
public sealed class NodeContext
{
    private static readonly AsyncLocal<NodeContext?> Ambient = new();

    /// <summary>How deep graphs may run inside graphs.</summary>
    private const int DepthMax = 64;

    private readonly NodeTask _task;
    private readonly SuperstepFrame _frame;
    private readonly GraphRunOptions _options;
    private readonly GraphScope _scope;
    private readonly StreamEmitter _stream;
    private readonly ITaskJournal? _journal;
    private readonly TaskQuestions _questions;
    private int _graphsRun;
    private int _stepsRun;

    internal NodeContext(NodeTask task, SuperstepFrame frame, GraphRunOptions options, GraphScope scope, StreamEmitter stream, ITaskJournal? journal)
    {
        _task = task;
        _frame = frame;
        _options = options;
        _scope = scope;
        _stream = stream;
        _journal = journal;
        _questions = task.Questions = new TaskQuestions(task, options.RunId);
        Values = frame.Values;
        Messages = new MessageEmitter(stream, task, frame.Step, options);
    }

    private NodeContext(NodeContext context, ChannelValues values)
    {
        _task = context._task;
        _frame = context._frame;
        _options = context._options;
        _scope = context._scope;
        _stream = context._stream;
        _journal = context._journal;
        _questions = context._questions;
        Messages = context.Messages;
        Values = values;
    }

    /// <summary>The context of the node that is running on this flow of execution; null outside of a node.</summary>
    public static NodeContext? Current => Ambient.Value;

    /// <summary>The state as the superstep found it, or a send's own input.</summary>
    public ChannelValues Values { get; }

    /// <summary>The input of a <see cref="Send"/>, when that is why the node runs.</summary>
    public JsonElement? Input => _task.Pending.Send?.Input;

    /// <summary>The name of the node.</summary>
    public string Node => _task.Node.Name;

    /// <summary>The id of this execution of the node; the same after a resume.</summary>
    public string TaskId => _task.Id;

    /// <summary>The superstep.</summary>
    public int Step => _frame.Step;

    /// <summary>The thread.</summary>
    public string ThreadId => _options.ThreadId;

    /// <summary>The run, when it has an id.</summary>
    public string? RunId => _options.RunId;

    /// <summary>
    /// Whom the run acts for, as the server has established it: the id of the authenticated user; null for nobody in particular.
    /// Unlike <see cref="Configurable"/> no request can say it.
    /// </summary>
    public string? Actor => _options.Actor;

    /// <summary><c>config.configurable</c> of the run: a JSON object.</summary>
    public JsonElement Configurable => _options.Configurable;

    /// <summary>The static context of the run.</summary>
    public JsonElement? RunContext => _options.Context;

    /// <summary>The long-term memory, beyond the thread.</summary>
    /// <exception cref="NoStoreException">The run was given none.</exception>
    public IStore Store => _options.Store ?? throw new NoStoreException();

    /// <summary>The services of the host.</summary>
    public IServiceProvider? Services => _options.Services;

    /// <summary>The clock.</summary>
    public TimeProvider Time => _options.Time;

    /// <summary>Where pieces of chat messages go while a model makes them.</summary>
    public MessageEmitter Messages { get; }

    /// <summary>Where the node tells what goes on inside of it.</summary>
    public EventEmitter Events => field ??= new EventEmitter(_stream, Messages, _options.Time);

    /// <summary>Returns the value of a channel, or the type's default while it is absent.</summary>
    public TValue? Get<TValue, TWrite>(StateChannel<TValue, TWrite> channel) => Values.Get(channel);

    /// <summary>Returns the messages of a channel.</summary>
    public MessageList Get(MessagesChannel channel) => Values.Get(channel)!;

    /// <summary>Whether the channel has a value.</summary>
    public bool Has(StateChannel channel) => Values.Has(channel);

    /// <summary>Returns a member of <see cref="Configurable"/> as text, when it is a string.</summary>
    public string? GetConfigurable(string name) =>
        Configurable.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>
    /// Asks a question and waits for the answer. The node stops here and the run pauses. When the run is resumed the node runs
    /// again from its top, and this call returns the answer. The code before this call runs again too.
    /// </summary>
    /// <remarks>
    /// A node may ask several questions at the same time, from tasks that it awaits together. All of them are reported, each
    /// with an id of its own, and each gets its own answer. Equal questions are numbered in the order in which they are asked.
    /// </remarks>
    /// <param name="question">Whatever shows the person what to decide.</param>
    /// <param name="typeInfo">How the question becomes JSON.</param>
    /// <param name="key">
    /// What identifies the question among those of the node; the same each time the node runs. If null, a question that is asked
    /// alone is identified by its order. Questions that are asked at the same time are identified by their content, so that
    /// content must be the same each time the node runs.
    /// </param>
    /// <exception cref="GraphInterruptException">There is no answer yet. Let it pass.</exception>
    public JsonElement Interrupt<T>(T question, JsonTypeInfo<T>? typeInfo = null, string? key = null)
    {
        var value = GraphJson.ToElement(question, typeInfo);
        return _questions.Ask(value, key, _frame.Open, _journal) ?? throw new GraphInterruptException(value);
    }

    /// <summary>Writes to the run's stream of mode <c>custom</c>, at once.</summary>
    public void Write<T>(T data, JsonTypeInfo<T>? typeInfo = null)
    {
        if (_stream.Wants(StreamMode.Custom))
        {
            _stream.Emit(StreamMode.Custom, StreamPayload.FromJson(GraphJson.ToElement(data, typeInfo)));
        }
    }

    /// <summary>
    /// Tells the stream modes <c>tools</c> and <c>events</c> that the node calls a tool; null when nobody wants to know. Say
    /// how it went by <see cref="ToolSpan.End"/> or <see cref="ToolSpan.Fail"/>.
    /// </summary>
    public ToolSpan? StartTool(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ToolSpan.Start(_stream, Events, call);
    }

    /// <summary>
    /// Runs another graph inside of this node: under a checkpoint namespace of its own on the same thread, heard in the same
    /// stream. When it pauses the node stops here; resumed, the node runs again from its top and this call goes on with the
    /// graph where it paused.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Its input. Not used when the graph goes on from a pause.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The graph's state at its end.</returns>
    /// <exception cref="GraphInterruptException">The graph paused. Let it pass.</exception>
    /// <exception cref="NodeFailedException">A node of the graph threw.</exception>
    public async Task<ChannelValues> RunAsync(CompiledGraph graph, GraphInput input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        if (_scope.Parents.Count >= DepthMax)
        {
            throw new SubgraphDepthException(DepthMax);
        }

        var call = Interlocked.Increment(ref _graphsRun) - 1;
        var persistence = graph.Options.Persistence;
        var scope = new GraphScope
        {
            Namespace = CheckpointNamespace.OfCall(
                persistence == SubgraphPersistence.PerThread ? CheckpointNamespace.OfNode(_scope.Namespace, Node) : _task.Namespace, call),
            Parents = [.. _scope.Parents, new(_scope.Namespace, _frame.CheckpointId)],
            IsResuming = _frame.IsResuming,
            Answers = _task.Saved?.Answers ?? TaskOutcome.NoAnswers,
            Open = _frame.Open,
        };
        var options = _options with
        {
            Checkpointer = persistence == SubgraphPersistence.None ? null : _options.Checkpointer,
            CheckpointId = null,
            InterruptBefore = NodeSelection.None,
            InterruptAfter = NodeSelection.None,
        };
        var result = await graph.RunAsync(input, options, scope, _stream.Inside(scope.Namespace, options), cancellationToken);
        if (result.IsPaused)
        {
            _questions.AddInside(result.Interrupts);
            throw new GraphInterruptException();
        }

        return result.Values;
    }

    /// <summary>
    /// Does something once: what it returns is kept with the thread, and when the node runs again, after an interrupt or a
    /// failure, it is not done again. Steps are told apart by the order of the calls, so a node makes the same ones each time.
    /// </summary>
    /// <param name="name">What the stream calls it.</param>
    /// <param name="run">The work. It does not interrupt.</param>
    /// <param name="options">How it is run.</param>
    /// <param name="typeInfo">How the result becomes JSON and back.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<T> StepAsync<T>(
        string name, Func<CancellationToken, Task<T>> run, StepOptions? options = null, JsonTypeInfo<T>? typeInfo = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(run);
        var step = new DurableStep(name, TaskIds.ForStep(_task.Id, name, Interlocked.Increment(ref _stepsRun) - 1), _frame, _options, _stream, _journal);
        if (step.Find() is { } known)
        {
            return known.Deserialize(typeInfo ?? GraphJson.TypeInfo<T>())!;
        }

        var result = await step.RunAsync(run, options ?? StepOptions.Default, cancellationToken);
        await step.KeepAsync(GraphJson.ToElement(result, typeInfo));
        return result;
    }

    /// <summary>Writes what the node was given: the state, or the input of a send.</summary>
    internal void WriteInput(Utf8JsonWriter writer)
    {
        if (Input is { } input)
        {
            input.WriteTo(writer);
        }
        else
        {
            Values.WriteTo(writer);
        }
    }

    internal NodeContext WithValues(ChannelValues values) => new(this, values);

    internal void Enter() => Ambient.Value = this;
}
