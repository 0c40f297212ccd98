namespace Weft.Graphs;

/// <summary>
/// Gives each graph that one try of a task runs its checkpoint namespace: the one it had in earlier tries.
/// </summary>
/// <remarks>
/// The namespaces of a task are numbered in the order of its first calls. When the task runs again, a call looks for
/// the number under which its own checkpoints are. Calls that were made one at a time may also be found by their order,
/// because an input may differ from try to try (a time in it, for example). For calls at the same time the order is an
/// accident of timing.
/// </remarks>
internal sealed class TaskGraphs(NodeTask task, SuperstepFrame frame, GraphRunOptions options, GraphScope scope, ITaskJournal? journal)
{
    private readonly HashSet<string> _taken = [];
    private readonly Dictionary<(string Graph, string Content), int> _calls = [];
    private Task _last = Task.CompletedTask;
    private int _underWay;
    private bool _isAtOnce;

    private IReadOnlyList<CompiledGraph> Named => task.Node.Options.Subgraphs;

    /// <summary>Begins a call.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Its input.</param>
    /// <param name="key">The key of the call; null if the graph and its input identify it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ConcurrentSubgraphException">Another task of the superstep uses the state that the graph keeps
    /// per thread.</exception>
    public async ValueTask<(string Namespace, GraphCall? Call)> BeginAsync(
        CompiledGraph graph, GraphInput input, string? key, CancellationToken cancellationToken)
    {
        var isAtOnce = Interlocked.Increment(ref _underWay) > 1;
        var isPerThread = graph.Options.Persistence == SubgraphPersistence.PerThread;
        if (ReferenceEquals(task.Node.Subgraph, graph) && !isPerThread)
        {
            return (task.Namespace, null);
        }

        var isKept = graph.Options.Persistence != SubgraphPersistence.None && options.Checkpointer is not null;
        var content = key is not null ? $"key:{key}" : isKept && !isPerThread ? input.Digest() : "";
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Interlocked.Exchange(ref _last, done.Task);
        try
        {
            // One call after the other looks for its number.
            await before.WaitAsync(cancellationToken);
            var home = isPerThread ? CheckpointNamespace.OfNode(scope.Namespace, task.Node.Name) : task.Namespace;
            var call = Identify(graph, content, isAtOnce, isPerThread);
            var kept = isKept && (frame.IsResuming || isPerThread) ? await ReadAsync(graph, home, call, cancellationToken) : [];
            var number = Find(kept, call, hasKey: key is not null) ?? NewNumber(graph, home, kept);
            var place = CheckpointNamespace.OfCall(home, number);
            if (isPerThread)
            {
                Claim(graph, place, kept.GetValueOrDefault(number));
            }

            _taken.Add(place);
            return (place, isKept ? call : null);
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>
    /// Ends a call. A call that paused is not ended. Calls that the task makes after it are made at the same time.
    /// </summary>
    public void End() => Interlocked.Decrement(ref _underWay);

    /// <summary>Identifies the graph, to distinguish its calls.</summary>
    public static string IdentityOf(GraphNode node, CompiledGraph graph)
    {
        var place = node.Options.Subgraphs.Count > 1 ? PlaceOf(node.Options.Subgraphs, graph) : -1;
        return place < 0 ? graph.Shape : $"{graph.Shape}.{place}";
    }

    private GraphCall Identify(CompiledGraph graph, string content, bool isAtOnce, bool isPerThread)
    {
        var identity = IdentityOf(task.Node, graph);
        var number = _calls.GetValueOrDefault((identity, content));
        _calls[(identity, content)] = number + 1;
        return new GraphCall(identity, content, number, isAtOnce, isPerThread ? task.Id : null);
    }

    /// <summary>
    /// Reads the newest checkpoints of the numbers that no call of this try has taken, until none is left or the call's
    /// own is found.
    /// </summary>
    private async ValueTask<SortedDictionary<int, Checkpoint>> ReadAsync(
        CompiledGraph graph, string home, GraphCall call, CancellationToken cancellationToken)
    {
        var kept = new SortedDictionary<int, Checkpoint>();
        var isNode = ReferenceEquals(task.Node.Subgraph, graph);
        for (var number = 0; !isNode || number == 0; number++)
        {
            var place = CheckpointNamespace.OfCall(home, number);
            if (_taken.Contains(place))
            {
                continue;
            }

            if (await HeadAsync(graph, place, cancellationToken) is { } head)
            {
                kept[number] = head;
                _isAtOnce |= head.Call is { IsAtOnce: true };
                if (head.Call?.IsSame(call) is true)
                {
                    break;
                }
            }
            else if (number >= Named.Count)
            {
                break;
            }
        }

        return kept;
    }

    private async ValueTask<Checkpoint?> HeadAsync(CompiledGraph graph, string place, CancellationToken cancellationToken)
    {
        try
        {
            return (await options.Checkpointer!.FindAsync(graph.Schema, place, null, cancellationToken))?.Checkpoint;
        }
        catch (UnreadableCheckpointException)
        {
            // It is of another graph.
            return (await options.Checkpointer!.FindAsync(ChannelSchema.AsStored, place, null, cancellationToken))?.Checkpoint;
        }
    }

    /// <summary>The number under which the call's checkpoints are; null if it has none.</summary>
    private int? Find(SortedDictionary<int, Checkpoint> kept, GraphCall call, bool hasKey)
    {
        var isInOrder = !hasKey && !call.IsAtOnce && !_isAtOnce;
        foreach (var (number, head) in kept)
        {
            if (head.Call?.IsSame(call) is true)
            {
                return number;
            }
        }

        foreach (var (number, head) in kept)
        {
            // Older checkpoints do not say which call they are of.
            if (head.Call is not { } other || (isInOrder && other.Graph == call.Graph))
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>
    /// A graph that the node names has its place in that list as its first number, so that its state can be read as its
    /// own.
    /// </summary>
    private int NewNumber(CompiledGraph graph, string home, SortedDictionary<int, Checkpoint> kept)
    {
        bool IsFree(int number) => !kept.ContainsKey(number) && !_taken.Contains(CheckpointNamespace.OfCall(home, number));

        var named = PlaceOf(Named, graph);
        if (named >= 0 && IsFree(named))
        {
            return named;
        }

        var next = Named.Count;
        while (!IsFree(next))
        {
            next++;
        }

        return next;
    }

    private void Claim(CompiledGraph graph, string place, Checkpoint? head)
    {
        var isOther = head?.Call?.TaskId is { } taskId && taskId != task.Id && head.ParentIn(scope.Namespace) == frame.CheckpointId;
        if (isOther || journal?.TryClaim(place, task.Id) is false)
        {
            throw new ConcurrentSubgraphException(graph.Name, task.Node.Name);
        }
    }

    private static int PlaceOf(IReadOnlyList<CompiledGraph> graphs, CompiledGraph graph)
    {
        for (var i = 0; i < graphs.Count; i++)
        {
            if (ReferenceEquals(graphs[i], graph))
            {
                return i;
            }
        }

        return -1;
    }
}
