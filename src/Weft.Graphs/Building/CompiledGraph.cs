using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace Weft.Graphs;

/// <summary>A graph that can run. Immutable; any number of runs at once.</summary>
public sealed class CompiledGraph
{
    private readonly Dictionary<string, GraphNode> _nodes;
    private readonly GraphNode _start;
    private GraphSchemas? _schemas;
    private string? _shape;

    internal CompiledGraph(ChannelSchema schema, Dictionary<string, GraphNode> nodes, GraphNode start, CompileOptions options)
    {
        Schema = schema;
        _nodes = nodes;
        _start = start;
        Options = options;
        Nothing = new Checkpoint
        {
            Id = "",
            Step = -2,
            Source = CheckpointSource.Input,
            CreatedAt = default,
            Metadata = "{}",
            Values = schema.Initial,
        };
    }

    /// <summary>The name under which the graph appears in errors and events.</summary>
    public string Name => Options.Name;

    /// <summary>The channels of the state.</summary>
    public ChannelSchema Schema { get; }

    /// <summary>The names of the nodes.</summary>
    public IReadOnlyCollection<string> Nodes => _nodes.Keys;

    /// <summary>The channels that input may write.</summary>
    public IReadOnlyList<StateChannel> InputChannels { get; internal init; } = [];

    /// <summary>The channels that a graph around this one gets back.</summary>
    public IReadOnlyList<StateChannel> OutputChannels { get; internal init; } = [];

    /// <summary>The members of <c>config.configurable</c> that are one of some texts, those of subgraphs included.</summary>
    public IReadOnlyList<ConfigurableChoice> ConfigurableChoices { get; internal init; } = [];

    /// <summary>The JSON Schemas of the input and the output.</summary>
    public GraphSchemas Schemas => _schemas ??= SchemaExport.Of(this);

    /// <summary>
    /// A hash of the name, the nodes and the channels. It identifies the graph after a restart, when the graph is
    /// another object.
    /// </summary>
    internal string Shape =>
        _shape ??= TaskIds.HashOf(
            [Name, .. NodesInOrder.Select(node => node.Name), "", .. Schema.Channels.Select(channel => channel.Name)]);

    internal JsonTypeInfo? ContextType { get; init; }

    internal JsonTypeInfo? ConfigurableType { get; init; }

    /// <summary>The types of a workflow's input and output.</summary>
    internal (JsonTypeInfo Input, JsonTypeInfo Output)? WorkflowTypes { get; init; }

    /// <summary>The input of a workflow; null for other graphs.</summary>
    internal WorkflowInput? WorkflowInput { get; init; }

    /// <summary>The nodes as they were added.</summary>
    internal IEnumerable<GraphNode> NodesInOrder => _nodes.Values.OrderBy(node => node.Index);

    internal GraphNode StartNode => _start;

    internal CompileOptions Options { get; }

    /// <summary>Whether it is a workflow: its input and its state are any JSON, not objects of channels.</summary>
    public bool IsWorkflow => Entry is not null;

    /// <summary>The one node of a workflow; null for other graphs.</summary>
    internal string? Entry { get; init; }

    /// <summary>The state before the first checkpoint.</summary>
    internal Checkpoint Nothing { get; }

    /// <summary>Runs the graph to its end or to a pause.</summary>
    /// <param name="input">New input, a command, or <see cref="GraphInput.Continue"/>.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops the run at the next wait. Supersteps that finished are kept.</param>
    /// <exception cref="NodeFailedException">A node threw.</exception>
    /// <exception cref="GraphException">The engine refuses the input, an update or the number of
    /// supersteps.</exception>
    public Task<GraphRunResult> RunAsync(GraphInput input, GraphRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options ??= new GraphRunOptions();
        return RunAsync(input, options, GraphScope.Root, new StreamEmitter(options, options.Guard?.Fence), cancellationToken);
    }

    internal Task<GraphRunResult> RunAsync(
        GraphInput input, GraphRunOptions options, GraphScope scope, StreamEmitter stream, CancellationToken cancellationToken) =>
        Tracing.IsObserved
            ? RunTracedAsync(input, options, scope, stream, cancellationToken)
            : RunLoopAsync(input, options, scope, stream, cancellationToken);

    private async Task<GraphRunResult> RunTracedAsync(
        GraphInput input, GraphRunOptions options, GraphScope scope, StreamEmitter stream, CancellationToken cancellationToken)
    {
        using var span = GraphSpans.StartGraph(this, options, scope);
        try
        {
            return await RunLoopAsync(input, options, scope, stream, cancellationToken);
        }
        catch (Exception error) when (Tracing.IsFailure(error, cancellationToken))
        {
            span?.Fail(error);
            throw;
        }
    }

    private async Task<GraphRunResult> RunLoopAsync(
        GraphInput input, GraphRunOptions options, GraphScope scope, StreamEmitter stream, CancellationToken cancellationToken)
    {
        var span = EventSpan.StartGraph(stream, Name, input, options, scope.IsRoot);
        var opening = await RunOpening.BeginAsync(this, input, options, scope, cancellationToken);
        if (opening.Answered.Count > 0)
        {
            stream.Emit(new InputAnsweredPart(opening.Answered));
        }

        if (options.Timeline is { } timeline && opening.Made is { } made)
        {
            timeline.AddCheckpoint(scope.Namespace, made, options.KeepsSupersteps);
        }

        var loop = new GraphLoop(this, options, scope, stream, opening);
        var runner = new SuperstepRunner(this, options, scope, stream, opening.Journal);
        if (scope.Fence is { } around)
        {
            around.Inside = runner;
        }
        else
        {
            options.Guard?.Attach(runner);
        }

        try
        {
            while (loop.TryPlan(out var tasks, out var frame))
            {
                using var superstep = GraphSpans.StartSuperstep(tasks, frame.Step);
                await runner.RunAsync(tasks, frame, task => loop.Settle(task, tasks.Length == 1), cancellationToken);
                superstep?.Report(tasks);
                if (!await loop.TryApplyAsync(tasks, cancellationToken))
                {
                    break;
                }
            }
        }
        catch (Exception error)
        {
            loop.Fail(error, cancellationToken);
            throw;
        }
        finally
        {
            // If the run has abandoned this loop, the guard has saved its results.
            if (scope.FenceOf(options) is not { IsClosed: true })
            {
                await opening.Journal.FlushAsync();
            }
        }

        var result = loop.Result();
        span?.End(LazyJson.OfState(result.Values));
        return result;
    }

    /// <summary>
    /// Runs the graph and returns its stream as it is made: the modes that are asked for, or else the state. The run is
    /// cancelled when the reader stops.
    /// </summary>
    /// <exception cref="GraphException">As <see cref="RunAsync(GraphInput, GraphRunOptions?, CancellationToken)"/>,
    /// after the parts that came before.</exception>
    public async IAsyncEnumerable<StreamPart> StreamAsync(
        GraphInput input, GraphRunOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new GraphRunOptions();
        if (options.Modes == StreamMode.None)
        {
            options = options with { Modes = StreamMode.Values };
        }

        // Written by the run, read by the caller. Unbounded, because a run must not wait for its readers.
        var parts = System.Threading.Channels.Channel.CreateUnbounded<StreamPart>(new UnboundedChannelOptions { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = Task.Run(
            async () =>
            {
                try
                {
                    await RunAsync(input, options with { Sink = new QueueSink(parts.Writer) }, stop.Token);
                }
                finally
                {
                    parts.Writer.Complete();
                }
            },
            CancellationToken.None);
        try
        {
            await foreach (var part in parts.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return part;
            }

            await run;
        }
        finally
        {
            await stop.CancelAsync();
            await run.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>
    /// Returns the state at a checkpoint, or at the newest one; null if the thread has no such checkpoint.
    /// </summary>
    /// <param name="checkpointer">The checkpoints of the thread.</param>
    /// <param name="checkpointId">The checkpoint; null means the newest.</param>
    /// <param name="checkpointNamespace">The namespace of the graph whose state is read; empty for this graph.</param>
    /// <param name="subgraphs">Whether to read the states of graphs inside the pending tasks too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<StateSnapshot?> GetStateAsync(
        ICheckpointer checkpointer,
        string? checkpointId = null,
        string checkpointNamespace = "",
        bool subgraphs = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpointer);
        var graph = FindGraph(checkpointNamespace);
        var tuple = await checkpointer.FindAsync(
            graph?.Schema ?? ChannelSchema.AsStored, StoredNamespace(checkpointNamespace), checkpointId, cancellationToken);
        var snapshot = tuple is null ? null : StateSnapshot.Of(graph, tuple);
        return snapshot is not null && subgraphs ? await snapshot.WithSubgraphsAsync(checkpointer, cancellationToken) : snapshot;
    }

    /// <summary>Returns the newest state of this graph in a namespace, with those of the graphs inside it.</summary>
    internal async ValueTask<StateSnapshot?> FindStateAsync(
        ICheckpointer checkpointer, string checkpointNamespace, CancellationToken cancellationToken) =>
        await checkpointer.FindAsync(Schema, checkpointNamespace, null, cancellationToken) is { } tuple
            ? await StateSnapshot.Of(this, tuple).WithSubgraphsAsync(checkpointer, cancellationToken)
            : null;

    /// <summary>
    /// Returns the graphs inside this one that are known, by the nodes that they run in, joined by <c>|</c>.
    /// </summary>
    /// <param name="recurse">Whether the graphs inside them are returned too.</param>
    public IEnumerable<(string Namespace, CompiledGraph Graph)> Subgraphs(bool recurse = false)
    {
        foreach (var node in NodesInOrder)
        {
            if (node.FindSubgraph(0) is not { } subgraph)
            {
                continue;
            }

            yield return (node.Name, subgraph);
            foreach (var (name, inside) in recurse ? subgraph.Subgraphs(recurse: true) : [])
            {
                yield return ($"{node.Name}|{name}", inside);
            }
        }
    }

    /// <summary>Returns the graph that a checkpoint namespace leads to: this one, or one inside it.</summary>
    /// <exception cref="UnknownNodeException">It leads to none that is known.</exception>
    public CompiledGraph GetGraph(string checkpointNamespace)
    {
        ArgumentNullException.ThrowIfNull(checkpointNamespace);
        var graph = this;
        foreach (var (node, call, _) in CheckpointNamespace.Parse(checkpointNamespace))
        {
            graph = graph.GetNode(node).FindSubgraph(call)
                ?? throw new UnknownNodeException($"The node '{node}' is not a graph, and does not name one among its subgraphs.", node);
        }

        return graph;
    }

    /// <summary>
    /// As <see cref="GetGraph"/>; null if the namespace does not lead to a known graph. Code of a node may run graphs
    /// that the node does not name.
    /// </summary>
    public CompiledGraph? FindGraph(string checkpointNamespace)
    {
        ArgumentNullException.ThrowIfNull(checkpointNamespace);
        var graph = this;
        foreach (var (name, call, _) in CheckpointNamespace.Parse(checkpointNamespace))
        {
            graph = graph?._nodes.GetValueOrDefault(name)?.FindSubgraph(call);
        }

        return graph;
    }

    /// <summary>
    /// Returns the namespace under which checkpoints are stored. The state that a graph keeps per thread is the same in each task of its
    /// node, so its namespace is without the id of the task, which streams show.
    /// </summary>
    internal string StoredNamespace(string checkpointNamespace)
    {
        ArgumentNullException.ThrowIfNull(checkpointNamespace);
        if (!checkpointNamespace.Contains(CheckpointNamespace.TaskSeparator))
        {
            return checkpointNamespace;
        }

        var segments = checkpointNamespace.Split(CheckpointNamespace.Separator);
        var graph = this;
        foreach (var (node, call, index) in CheckpointNamespace.Parse(segments))
        {
            graph = graph?._nodes.GetValueOrDefault(node)?.FindSubgraph(call);
            if (graph?.Options.Persistence == SubgraphPersistence.PerThread)
            {
                segments[index] = node;
            }
        }

        return string.Join(CheckpointNamespace.Separator, segments);
    }

    /// <summary>
    /// Returns the states of a thread with a smaller checkpoint id than <paramref name="before"/>, when given, newest
    /// first.
    /// </summary>
    public async IAsyncEnumerable<StateSnapshot> GetHistoryAsync(
        ICheckpointer checkpointer,
        string? before = null,
        string checkpointNamespace = "",
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpointer);
        var graph = FindGraph(checkpointNamespace);
        var schema = graph?.Schema ?? ChannelSchema.AsStored;
        await foreach (var tuple in checkpointer.ReadAsync(schema, StoredNamespace(checkpointNamespace), before, cancellationToken))
        {
            yield return StateSnapshot.Of(graph, tuple);
        }
    }

    /// <summary>
    /// Edits the state as if a node had returned the values. That node's edges decide which nodes run next
    /// (docs/protocol/state.md E5).
    /// </summary>
    /// <param name="options">
    /// The checkpointer, and the checkpoint to start from: <see cref="GraphRunOptions.CheckpointId"/> or the newest.
    /// </param>
    /// <param name="values">An object of channel to value, a list of such objects, or null.</param>
    /// <param name="asNode">The node; null means the one that ran last.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The new checkpoint.</returns>
    /// <exception cref="GraphException">
    /// The node is unknown or ambiguous, a value does not fit, or the checkpoint does not exist. Nothing was changed.
    /// </exception>
    public Task<Checkpoint> UpdateStateAsync(
        GraphRunOptions options,
        System.Text.Json.JsonElement? values,
        string? asNode = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StateEdit.ApplyAsync(this, options, [[new NodeUpdate(values, asNode)]], cancellationToken);
    }

    /// <inheritdoc cref="UpdateStateAsync(GraphRunOptions, System.Text.Json.JsonElement?, string?, CancellationToken)"/>
    /// <param name="options">
    /// The checkpointer, and the checkpoint to start from: <see cref="GraphRunOptions.CheckpointId"/> or the newest.
    /// </param>
    /// <param name="update">The value that counts as returned by the node; null means nothing.</param>
    /// <param name="asNode">The node; null means the one that ran last.</param>
    /// <param name="cancellationToken">Cancels.</param>
    [OverloadResolutionPriority(1)]
    public Task<Checkpoint> UpdateStateAsync(
        GraphRunOptions options, StateUpdate? update, string? asNode = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StateEdit.ApplyAsync(this, options, [[NodeUpdate.Of(update, asNode)]], cancellationToken);
    }

    /// <summary>
    /// Edits the state in several supersteps. The updates of a superstep are applied together, as if their nodes had
    /// run in parallel. All or none are kept.
    /// </summary>
    /// <param name="options">
    /// The checkpointer, and the checkpoint to start from: <see cref="GraphRunOptions.CheckpointId"/> or the newest.
    /// </param>
    /// <param name="supersteps">The updates of each superstep.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The last checkpoint.</returns>
    /// <exception cref="GraphException">
    /// As for one edit, or several updates of one superstep where only one is allowed. Nothing was changed.
    /// </exception>
    public Task<Checkpoint> UpdateStateAsync(
        GraphRunOptions options, IReadOnlyList<IReadOnlyList<NodeUpdate>> supersteps, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(supersteps);
        return StateEdit.ApplyAsync(this, options, supersteps, cancellationToken);
    }

    internal GraphNode GetNode(string name) => name == StateGraph.Start ? _start : GetTarget(name);

    /// <summary>Returns a node that one can go to.</summary>
    /// <exception cref="UnknownNodeException">There is none of this name.</exception>
    internal GraphNode GetTarget(string name) =>
        _nodes.TryGetValue(name, out var node) ? node : throw new UnknownNodeException(name, Nodes);

    private sealed class QueueSink(ChannelWriter<StreamPart> parts) : IStreamSink
    {
        public void Emit(StreamPart part) => parts.TryWrite(part);
    }
}
