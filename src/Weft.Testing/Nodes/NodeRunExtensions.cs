using System.Runtime.ExceptionServices;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Testing;

/// <summary>Runs single nodes of graphs.</summary>
public static class NodeRunExtensions
{
    // What a node streams itself.
    private const StreamMode Usual = StreamMode.MessagesTuple | StreamMode.Custom | StreamMode.Tools;

    /// <summary>
    /// Runs one node of a graph, with its retries, timeout and decorators, and follows the edges behind it without running the nodes
    /// that they lead to.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The name of the node.</param>
    /// <param name="state">The state that it sees; null means the initial one.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnknownNodeException">The graph has no such node.</exception>
    /// <exception cref="Exception">The exception that the node threw, as it is.</exception>
    public static async Task<NodeRun> RunNodeAsync(
        this CompiledGraph graph,
        string node,
        StateUpdate? state = null,
        NodeRunOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentException.ThrowIfNullOrEmpty(node);
        options ??= new NodeRunOptions();
        var recorder = new RecordingExtensions.Recorder();
        var run = options.Run with
        {
            Modes = options.Run.Modes | Usual,
            Sink = recorder,
            Checkpointer = options.Run.Checkpointer ?? new InMemoryCheckpointer(),
        };
        var before = Before(graph, node, state, options, run);
        var task = TaskOf(graph, before, options);
        var frame = new SuperstepFrame(before.Values, before.Step + 1, before.Id, IsResuming: options.Answers.Count > 0);
        await new NodeRunner(graph, run, GraphScope.Root, new StreamEmitter(run), journal: null).RunAsync(task, frame, cancellationToken);
        return After(graph, before, task, recorder.ToStream());
    }

    /// <inheritdoc cref="RunNodeAsync(CompiledGraph, string, StateUpdate, NodeRunOptions, CancellationToken)"/>
    public static Task<NodeRun> RunNodeAsync<TState>(
        this CompiledGraph graph,
        string node,
        TState state,
        NodeRunOptions? options = null,
        CancellationToken cancellationToken = default)
        where TState : IGraphState<TState> =>
        graph.RunNodeAsync(node, TState.ToUpdate(state), options, cancellationToken);

    /// <summary>The checkpoint after which the node runs.</summary>
    private static Checkpoint Before(
        CompiledGraph graph, string node, StateUpdate? state, NodeRunOptions options, GraphRunOptions run)
    {
        var name = graph.GetTarget(node).Name;
        var pending = options.Input is { } input
            ? new PendingTask(name, [PendingTask.PushTrigger], new Send(name, input))
            : new PendingTask(name, [Superstep.BranchTo(name)]);
        return new CheckpointWriter(run, GraphScope.Root, newestId: null).Next(graph.Nothing, CheckpointSource.Update) with
        {
            Values = graph.Schema.Initial.Apply(state?.Writes ?? []),
            Next = [pending],
        };
    }

    private static NodeTask TaskOf(CompiledGraph graph, Checkpoint before, NodeRunOptions options) =>
        Superstep.Plan(graph, before, id => new TaskOutcome { TaskId = id, Resumes = options.Answers })[0];

    private static NodeRun After(CompiledGraph graph, Checkpoint before, NodeTask task, RecordedStream stream)
    {
        if (task.IsPaused)
        {
            return new NodeRun(task.Node.Name, stream)
            {
                Update = GraphJson.EmptyObject,
                Values = before.Values,
                IsPaused = true,
                Questions = [.. task.Interrupts.Select(interrupt => interrupt.Value)],
            };
        }

        if (task.Error is ParentCommandException command)
        {
            return new NodeRun(task.Node.Name, stream)
            {
                Update = JsonOf(command.Update?.Writes ?? []),
                Values = before.Values,
                Next = [.. command.Goto.Select(destination => destination.Send?.Node ?? destination.Node)],
                Sends = [.. command.Goto.Select(destination => destination.Send).OfType<Send>()],
                IsForParent = true,
            };
        }

        if (task.Error is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        var writes = task.Writes!;
        var (values, next) = Superstep.Apply(graph, before, [task]);
        return new NodeRun(task.Node.Name, stream)
        {
            Update = JsonOf(writes.Channels),
            Values = values,
            Next = [.. next.ReleaseDeferred(graph).Next.Select(pending => pending.Node)],
            Sends = [.. writes.Routes.Select(route => route.Send).OfType<Send>()],
        };
    }

    private static JsonElement JsonOf(IReadOnlyList<ChannelWrite> writes) =>
        GraphJson.Parse(GraphJson.Encode(writes, static (writer, writes) => StateUpdate.WriteTo(writer, writes, show: true)));
}
