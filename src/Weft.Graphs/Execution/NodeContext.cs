using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Gives a node the state, the run's configuration, the stream, and a way to ask a person.</summary>
public sealed partial class NodeContext
{
    private static readonly AsyncLocal<NodeContext?> Ambient = new();

    /// <summary>The greatest depth of graphs inside graphs.</summary>
    private const int DepthMax = 64;

    private readonly NodeTask _task;
    private readonly NodeAttempt _attempt;
    private readonly SuperstepFrame _frame;
    private readonly GraphRunOptions _options;
    private readonly GraphScope _scope;
    private readonly StreamEmitter _stream;
    private readonly ITaskJournal? _journal;
    private readonly CancellationToken _stop;

    internal NodeContext(
        NodeTask task,
        NodeAttempt attempt,
        SuperstepFrame frame,
        GraphRunOptions options,
        GraphScope scope,
        StreamEmitter stream,
        ITaskJournal? journal,
        CancellationToken stop)
    {
        _task = task;
        _attempt = attempt;
        _frame = frame;
        _options = options;
        _scope = scope;
        _stream = stream;
        _journal = journal;
        _stop = stop;
        Values = frame.Values;
        Messages = new MessageEmitter(stream, task, frame.Step, options);
    }

    private NodeContext(NodeContext context, ChannelValues values)
    {
        _task = context._task;
        _attempt = context._attempt;
        _frame = context._frame;
        _options = context._options;
        _scope = context._scope;
        _stream = context._stream;
        _journal = context._journal;
        _stop = context._stop;
        Messages = context.Messages;
        Values = values;
    }

    /// <summary>The context of the node that runs on this flow of execution; null outside of a node.</summary>
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
    /// The id of the authenticated user for whom the run acts; null if there is none. The server sets it. Unlike
    /// <see cref="Configurable"/>, a request can't.
    /// </summary>
    public string? Actor => _options.Actor;

    /// <summary><c>config.configurable</c> of the run: a JSON object.</summary>
    public JsonElement Configurable => _options.Configurable;

    /// <summary>The static context of the run.</summary>
    public JsonElement? RunContext => _options.Context;

    /// <summary>The long-term memory, beyond the thread.</summary>
    /// <exception cref="NoStoreException">The run was given none.</exception>
    public IStore Store => field ??= new FencedStore(_options.Store ?? throw new NoStoreException(), _attempt);

    /// <summary>
    /// The services of the host, in a scope of this try of the node: scoped services live until the node and the
    /// conditional edges behind it are done, and are then disposed. Empty when the run was given no services.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The node is done.</exception>
    public IServiceProvider Services => _attempt.Services;

    /// <summary>The clock.</summary>
    public TimeProvider Time => _options.Time;

    /// <summary>Streams pieces of chat messages while a model makes them.</summary>
    public MessageEmitter Messages { get; }

    /// <summary>Reports events from inside the node.</summary>
    public EventEmitter Events => field ??= new EventEmitter(_stream, Messages, _options.Time);

    /// <summary>Returns the value of a channel, or the type's default while it is absent.</summary>
    public TValue? Get<TValue, TWrite>(StateChannel<TValue, TWrite> channel) => Values.Get(channel);

    /// <summary>Returns the messages of a channel.</summary>
    public MessageList Get(MessagesChannel channel) => Values.Get(channel)!;

    /// <summary>Returns the items of a channel; an empty list while it is absent.</summary>
    public IReadOnlyList<T> Get<T>(ListChannel<T> channel) => Values.Get(channel);

    /// <summary>Returns the value of a channel with a reducer.</summary>
    public T Get<T>(ReducerChannel<T> channel) => Values.Get(channel);

    /// <inheritdoc cref="ChannelValues.As"/>
    public TState GetState<TState>()
        where TState : IGraphState<TState> => Values.As<TState>();

    /// <summary>Whether the channel has a value.</summary>
    public bool Has(StateChannel channel) => Values.Has(channel);

    /// <summary>Returns a member of <see cref="Configurable"/> as text, when it is a string.</summary>
    public string? GetConfigurable(string name) =>
        Configurable.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>
    /// Asks a question and waits for the answer. The node stops here and the run pauses. When the run is resumed the
    /// node runs again from its top, and this call returns the answer. The code before this call runs again too.
    /// </summary>
    /// <remarks>
    /// A node may ask several questions at the same time, from tasks that it awaits together. All of them are reported,
    /// each with an id of its own, and each gets its own answer. Equal questions are numbered in the order in which
    /// they are asked.
    /// </remarks>
    /// <param name="question">A value that shows the person what to decide.</param>
    /// <param name="typeInfo">How the question becomes JSON.</param>
    /// <param name="key">
    /// What identifies the question among those of the node; the same each time the node runs. If null, a question that
    /// is asked alone is identified by its order. Questions that are asked at the same time are identified by their
    /// content, so that content must be the same each time the node runs.
    /// </param>
    /// <exception cref="GraphInterruptException">There is no answer yet. Let it pass.</exception>
    /// <exception cref="NoCheckpointerException">
    /// The run has no checkpointer, so that it could not be resumed.
    /// </exception>
    public JsonElement Interrupt<T>(T question, JsonTypeInfo<T>? typeInfo = null, string? key = null)
    {
        ThrowIfUnasked();
        return Ask(GraphJson.ToElement(question, typeInfo), key, findSchema: null);
    }

    private void ThrowIfUnasked()
    {
        _attempt.ThrowIfClosed();
        if (!IsKept)
        {
            throw new NoCheckpointerException();
        }
    }

    private JsonElement Ask(JsonElement question, string? key, Func<JsonElement?>? findSchema) =>
        _attempt.Questions.Ask(question, key, findSchema, _frame.Unclaimed, _journal) ?? throw new GraphInterruptException(question);

    /// <summary>As <see cref="Interrupt{T}"/>, with the JSON Schema of the answer; null means any answer.</summary>
    internal JsonElement Interrupt(JsonElement question, string? key, JsonElement? responseSchema)
    {
        ThrowIfUnasked();
        return Ask(question.Clone(), key, () => responseSchema);
    }

    /// <summary>Writes to the run's stream of mode <c>custom</c>, at once.</summary>
    /// <param name="data">The data.</param>
    /// <param name="typeInfo">How the data becomes JSON.</param>
    /// <param name="channel">A name that readers of the second protocol can subscribe to; null means none.</param>
    /// <exception cref="ArgumentException">The data nests deeper than <see cref="GraphJson.ValueDepthMax"/>
    /// levels.</exception>
    public void Write<T>(T data, JsonTypeInfo<T>? typeInfo = null, string? channel = null)
    {
        if (_stream.Wants(StreamMode.Custom))
        {
            var json = GraphJson.ToElement(data, typeInfo);
            if (!GraphJson.IsWithin(json, GraphJson.ValueDepthMax))
            {
                throw new ArgumentException($"Streamed data must not nest deeper than {GraphJson.ValueDepthMax} levels.", nameof(data));
            }

            _stream.Emit(new CustomPart(LazyJson.FromJson(json), channel));
        }
    }

    /// <summary>
    /// Runs another graph inside this node, with a checkpoint namespace of its own on the same thread. The same stream
    /// reports it. When the graph pauses the node stops here. When the run is resumed the node runs again from its top,
    /// and this call continues the graph where it paused.
    /// </summary>
    /// <remarks>
    /// A node may run several graphs, also at the same time, from tasks that it awaits together. When the node runs
    /// again each call continues its own graph. The graph (its name, nodes and channels) and its input identify a call.
    /// </remarks>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Its input. Not used if the graph continues from a pause.</param>
    /// <param name="cancellationToken">Cancels. Default: the node's own token.</param>
    /// <returns>The graph's state at its end.</returns>
    /// <exception cref="GraphInterruptException">The graph paused. Let it pass.</exception>
    /// <exception cref="NodeFailedException">A node of the graph threw.</exception>
    /// <exception cref="ConcurrentSubgraphException">Another task of the superstep runs the graph, and the graph keeps
    /// its state per thread.</exception>
    public Task<ChannelValues> RunAsync(CompiledGraph graph, GraphInput input, CancellationToken cancellationToken = default) =>
        RunInsideAsync(graph, input, null, cancellationToken);

    /// <inheritdoc cref="RunAsync(CompiledGraph, GraphInput, CancellationToken)"/>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Its input. Not used if the graph continues from a pause.</param>
    /// <param name="key">
    /// What identifies the call among those of the node that run the same graph, instead of the input; the same each
    /// time the node runs. It is needed where calls at the same time have inputs that are equal or that differ from try
    /// to try.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ChannelValues> RunAsync(CompiledGraph graph, GraphInput input, string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return RunInsideAsync(graph, input, key, cancellationToken);
    }

    private async Task<ChannelValues> RunInsideAsync(
        CompiledGraph graph, GraphInput input, string? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        _attempt.ThrowIfClosed();
        if (_scope.Parents.Count >= DepthMax)
        {
            throw new SubgraphDepthException(DepthMax);
        }

        var calls = _attempt.Graphs(_frame, _scope, _journal);
        var (place, call) = await calls.BeginAsync(graph, input, key, cancellationToken);
        var scope = new GraphScope
        {
            Namespace = place,
            Call = call,
            Parents = [.. _scope.Parents, new(_scope.Namespace, _frame.CheckpointId)],
            IsResuming = _frame.IsResuming,
            Answers = _task.Saved?.Answers ?? TaskOutcome.NoAnswers,
            AskedAgain = _frame.IsAskedAgain ? TaskAnswers.AskedAgain(_task) : FrozenSet<string>.Empty,
            Unclaimed = _frame.Unclaimed,
            IsKept = IsKept,
            Fence = _attempt,
        };
        var options = _options with
        {
            Checkpointer = graph.Options.Persistence == SubgraphPersistence.None ? null : _options.Checkpointer,
            CheckpointId = null,
            InterruptBefore = NodeSelection.None,
            InterruptAfter = NodeSelection.None,
        };
        var isPaused = false;
        try
        {
            var result = await RunStreamedAsync(graph, input, options, scope, cancellationToken);
            isPaused = result.IsPaused;
            if (isPaused)
            {
                _attempt.Questions.AddInside(result.Interrupts);
                throw new GraphInterruptException();
            }

            return result.Values;
        }
        finally
        {
            if (!isPaused)
            {
                calls.End();
            }
        }
    }

    /// <summary>Runs a graph inside the node and streams its start and its end.</summary>
    private async Task<GraphRunResult> RunStreamedAsync(
        CompiledGraph graph, GraphInput input, GraphRunOptions options, GraphScope scope, CancellationToken cancellationToken)
    {
        var stream = _stream.Inside(scope.Namespace, options);
        if (!stream.Wants(StreamMode.Lifecycle))
        {
            return await graph.RunAsync(input, options, scope, stream, StopOf(cancellationToken));
        }

        var name = graph.Name == CompileOptions.DefaultName ? Node : graph.Name;
        Emit(SubgraphPhase.Started);
        try
        {
            var result = await graph.RunAsync(input, options, scope, stream, StopOf(cancellationToken));
            Emit(result.IsPaused ? SubgraphPhase.Interrupted : SubgraphPhase.Completed);
            return result;
        }
        catch (ParentCommandException)
        {
            Emit(SubgraphPhase.Completed);
            throw;
        }
        catch (OperationCanceledException)
        {
            Emit(SubgraphPhase.Interrupted);
            throw;
        }
        catch (Exception error)
        {
            Emit(SubgraphPhase.Failed, _options.DescribeError?.Invoke(error) ?? error.Message);
            throw;
        }

        void Emit(SubgraphPhase phase, string? error = null) => stream.Emit(new SubgraphPart(phase, name, Node)
        {
            IsSend = _task.Pending.IsPush,
            ToolCallId = ToolSpan.Current?.CallId,
            Error = error,
        });
    }

    /// <summary>
    /// Does something once. The result is kept with the thread, so that the work is not done again when the node runs
    /// again after an interrupt or a failure.
    /// </summary>
    /// <param name="name">
    /// The name that the stream shows. It identifies the step; steps of the same name are numbered in the order in
    /// which they start, or have a <see cref="StepOptions.Key"/>.
    /// </param>
    /// <param name="run">The work. It does not interrupt.</param>
    /// <param name="options">How it is run.</param>
    /// <param name="typeInfo">How the result becomes JSON and back.</param>
    /// <param name="cancellationToken">Cancels. Default: the node's own token.</param>
    public async Task<T> StepAsync<T>(
        string name,
        Func<CancellationToken, Task<T>> run,
        StepOptions? options = null,
        JsonTypeInfo<T>? typeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(run);
        _attempt.ThrowIfClosed();
        options ??= StepOptions.Default;
        var step = new DurableStep(name, _attempt.Steps.Next(name, options.Key), _frame, _options, _stream, _journal);
        if (step.Find() is { } known)
        {
            return known.Deserialize(typeInfo ?? GraphJson.TypeInfo<T>())!;
        }

        var result = await step.RunAsync(run, options, StopOf(cancellationToken));
        _attempt.ThrowIfClosed();
        await step.KeepAsync(GraphJson.ToElement(result, typeInfo));
        return result;
    }

    /// <summary>Returns what an earlier try of the node has kept; null if there is nothing.</summary>
    internal JsonElement? FindKept(string name) => _journal?.Find(KeptId(name))?.Return;

    /// <summary>
    /// Keeps a value for later tries of the node, in place of the one that had the name, so that they can continue there.
    /// </summary>
    internal Task KeepAsync(string name, JsonElement value)
    {
        _attempt.ThrowIfClosed();
        return _journal?.KeepAsync(new TaskOutcome { TaskId = KeptId(name), Return = value }) ?? Task.CompletedTask;
    }

    /// <summary>
    /// Whether the run continues later, on this or another server, although the node's token is cancelled. Work that goes on
    /// elsewhere must then not be cancelled.
    /// </summary>
    internal bool IsMoving => _options.IsMoving?.Invoke() ?? false;

    /// <summary>Whether the task may have run before: in an earlier run, before a restart, or because the node is repeated.</summary>
    internal bool IsResuming => _frame.IsResuming;

    /// <summary>How many graphs are around the graph of the node: 0 in the root graph.</summary>
    internal int Depth => _scope.Parents.Count;

    /// <summary>The checkpoint namespace of the graphs inside the node.</summary>
    internal string Namespace => _task.Namespace;

    /// <summary>Opens the stream of a graph that runs elsewhere for this node.</summary>
    internal ForeignStream OpenForeignStream() => new(_stream, _task, _frame.Step, _options);

    /// <summary>Writes the input of the node: the state, or the input of a send.</summary>
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

    private string KeptId(string name) => TaskIds.ForStep(_task.Id, name, null, 0);

    private bool IsKept => _options.Checkpointer is not null || _scope.IsKept;

    private CancellationToken StopOf(CancellationToken given) => given == default ? _stop : given;

    internal NodeContext WithValues(ChannelValues values) => new(this, values);

    internal void Enter() => Ambient.Value = this;
}
