using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A run as it is asked for, checked and with every default filled in.</summary>
public sealed record RunSpec
{
    /// <summary>The thread; null for a stateless run, which gets one of its own.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>The assistant to run.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>The input of the graph; null goes on from the checkpoint. A command next to it counts, unless the command is empty.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>Whether a run without input and command starts the graph with <c>{}</c> on a thread that has no state; else it fails there.</summary>
    public bool StartsWithoutInput { get; init; }

    /// <summary>The command (protocol, section C7).</summary>
    public JsonElement? Command { get; init; }

    /// <summary>A JSON object: the run's metadata.</summary>
    public JsonElement Metadata { get; init; } = GraphJson.EmptyObject;

    /// <summary>A JSON object: the run's own configuration, before it is merged over its assistant's and its thread's.</summary>
    public JsonElement Config { get; init; } = GraphJson.EmptyObject;

    /// <summary>A JSON object: headers of the request, over the members of <c>configurable</c>. Other than <see cref="Config"/> they are not shown to clients.</summary>
    public JsonElement? Headers { get; init; }

    /// <summary>The static context, before it is merged over the assistant's.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>Where to report the end.</summary>
    public string? Webhook { get; init; }

    /// <summary>The checkpoint to start from in place of the newest.</summary>
    public string? CheckpointId { get; init; }

    /// <summary>Nodes to pause before.</summary>
    public NodeSelection InterruptBefore { get; init; } = NodeSelection.None;

    /// <summary>Nodes to pause after.</summary>
    public NodeSelection InterruptAfter { get; init; } = NodeSelection.None;

    /// <summary>The stream modes, by their names on the wire, in the order asked.</summary>
    public IReadOnlyList<string> StreamModes { get; init; } = ["values"];

    /// <summary>
    /// Whether readers may ask for other modes than <see cref="StreamModes"/> when they join, for all but <c>messages</c>,
    /// <c>events</c> and <c>debug</c>: so it is when the request named none.
    /// </summary>
    public bool RecordsAllModes { get; init; }

    /// <summary>Whether events of subgraphs are streamed too.</summary>
    public bool StreamSubgraphs { get; init; }

    /// <summary>Whether the stream is kept in the database, so that it can be replayed after a restart.</summary>
    public bool StreamResumable { get; init; }

    /// <summary>Whether the run is cancelled when the client that created it goes away.</summary>
    public bool CancelOnDisconnect { get; init; }

    /// <summary>Whether the thread of a stateless run is kept when the run has ended.</summary>
    public bool KeepThread { get; init; }

    /// <summary>What to do about runs of the thread that have not ended.</summary>
    public MultitaskStrategy MultitaskStrategy { get; init; }

    /// <summary>Whether to create the thread when there is none of its id.</summary>
    public bool CreateThread { get; init; }

    /// <summary>How long to wait before the start.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>When checkpoints are kept.</summary>
    public Durability Durability { get; init; }

    /// <summary>Whether resuming an interrupt that is not pending fails the run.</summary>
    public bool StrictResume { get; init; }

    /// <summary>The run that this one follows up on (contract file).</summary>
    public string? FollowUpToRunId { get; init; }

    /// <summary>The keys that feedback is wanted for.</summary>
    public IReadOnlyList<string> FeedbackKeys { get; init; } = [];

    /// <summary>The most supersteps.</summary>
    public int RecursionLimit { get; init; } = 25;
}
