using System.Text.Json;

namespace Weft.Graphs;

/// <summary>How to run a graph.</summary>
public sealed record GraphRunOptions
{
    /// <summary>Keeps the thread's checkpoints; null means that the run starts without state and stores none.</summary>
    public ICheckpointer? Checkpointer { get; init; }

    /// <summary>The checkpoint to continue from instead of the newest (docs/protocol/runs.md C6).</summary>
    public string? CheckpointId { get; init; }

    /// <summary>
    /// For edits: the graph whose state is meant, by its checkpoint namespace; empty for the root graph.
    /// </summary>
    public string CheckpointNamespace { get; init; } = "";

    /// <summary>When checkpoints are kept. Default: <see cref="Graphs.Durability.Async"/>.</summary>
    public Durability Durability { get; init; } = Durability.Async;

    /// <summary>The most supersteps of this run. Default: 25.</summary>
    public int RecursionLimit { get; init; } = 25;

    /// <summary>Nodes to pause before, in addition to those of the graph.</summary>
    public NodeSelection InterruptBefore { get; init; } = NodeSelection.None;

    /// <summary>Nodes to pause after, in addition to those of the graph.</summary>
    public NodeSelection InterruptAfter { get; init; } = NodeSelection.None;

    /// <summary>The modes of the stream.</summary>
    public StreamMode Modes { get; init; }

    /// <summary>Whether the stream also reports the graphs inside this one, each under its namespace.</summary>
    public bool StreamSubgraphs { get; init; }

    /// <summary>Receives the stream.</summary>
    public IStreamSink? Sink { get; init; }

    /// <summary>The thread, for nodes to see.</summary>
    public string ThreadId { get; init; } = "";

    /// <summary>The run that checkpoints and answers are written in the name of.</summary>
    public string? RunId { get; init; }

    /// <summary>The id of the user for whom the run acts, for nodes to see; null if there is none.</summary>
    public string? Actor { get; init; }

    /// <summary><c>config.configurable</c>: a JSON object.</summary>
    public JsonElement Configurable { get; init; } = GraphJson.EmptyObject;

    /// <summary>The static context of the run, any JSON.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>
    /// A JSON object: members for the metadata of each checkpoint and of each streamed message, in addition to the
    /// engine's own.
    /// </summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>The long-term memory of nodes, beyond the thread.</summary>
    public IStore? Store { get; init; }

    /// <summary>The tags of all events of the run.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>
    /// Services for nodes. Each try of a task has a scope of its own, when these services can make one.
    /// </summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>Limits how long the run waits for code that does not stop; null means no limit.</summary>
    public StopGuard? Guard { get; init; }

    /// <summary>The text that is stored and streamed for the exception of a task; null means its message.</summary>
    public Func<Exception, string>? DescribeError { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Adds up the tokens that models take; null if nobody wants to know.</summary>
    internal UsageCounter? Usage { get; init; }

    /// <summary>Collects what the run does; null if nobody wants to know.</summary>
    internal RunTimeline? Timeline { get; init; }

    /// <summary>Begins the scope in which the code of a node logs; null means none.</summary>
    internal Func<NodeContext, IDisposable?>? LogScope { get; init; }

    /// <summary>Whether the run continues later although its token is cancelled; null means that it does not.</summary>
    internal Func<bool>? IsMoving { get; init; }

    /// <summary>
    /// Whether the run is to end after the superstep that it executes, so that it continues from its checkpoint later. Null means
    /// that it never is. Without effect if only the last superstep is kept.
    /// </summary>
    internal Func<bool>? Leaves { get; init; }

    /// <summary>Whether each superstep is kept, not only the last one.</summary>
    internal bool KeepsSupersteps => Checkpointer is not null && Durability != Durability.Exit;
}
