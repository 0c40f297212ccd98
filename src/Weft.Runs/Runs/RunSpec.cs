using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A checked request for a run, with all defaults applied.</summary>
public sealed record RunSpec
{
    /// <summary>The thread; null for a stateless run, which gets a new thread.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>The assistant to run.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>
    /// The graph that the assistant had when the run was admitted; null if it is the assistant of that graph. Before the run is admitted,
    /// the graph that the request names, if this server does not have it and other servers of the cluster may; null otherwise.
    /// </summary>
    public string? GraphId { get; init; }

    /// <summary>
    /// The input of the graph; null continues from the checkpoint. A command that is not empty takes precedence over it.
    /// </summary>
    public JsonElement? Input { get; init; }

    /// <summary>
    /// Whether the server made the input of a protocol's messages. Then it may have members that the type of a workflow does not have.
    /// </summary>
    internal bool TakesUnknownInput { get; init; }

    /// <summary>What the run has to do with the interrupts of its thread that wait for answers.</summary>
    internal QuestionRule Questions { get; init; }

    /// <summary>
    /// How many runs of the thread had started when the request came; -1 if one of them had not ended. An input that came earlier than
    /// a question is not its answer.
    /// </summary>
    internal long RunsSeen { get; init; } = -1;

    /// <summary>
    /// Whether a run without input and command starts the graph with <c>{}</c> on a thread that has no state. If false, such a
    /// run fails.
    /// </summary>
    public bool StartsWithoutInput { get; init; }

    /// <summary>The command (docs/protocol/runs.md C7).</summary>
    public JsonElement? Command { get; init; }

    /// <summary>A JSON object: the run's metadata.</summary>
    public JsonElement Metadata { get; init; } = GraphJson.EmptyObject;

    /// <summary>A JSON object: the run's own configuration, before it is merged over its assistant's and its thread's.</summary>
    public JsonElement Config { get; init; } = GraphJson.EmptyObject;

    /// <summary>
    /// A JSON object: headers of the request, which replace members of <c>configurable</c>, and who sent it. Unlike
    /// <see cref="Config"/>, they are not shown to clients.
    /// </summary>
    public JsonElement? Headers { get; init; }

    /// <summary>The static context, before it is merged over the assistant's.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>Where to report the end of the run; null if it is not reported.</summary>
    public string? Webhook { get; init; }

    /// <summary>The checkpoint to start from; null for the newest.</summary>
    public string? CheckpointId { get; init; }

    /// <summary>Nodes to pause before.</summary>
    public NodeSelection InterruptBefore { get; init; } = NodeSelection.None;

    /// <summary>Nodes to pause after.</summary>
    public NodeSelection InterruptAfter { get; init; } = NodeSelection.None;

    /// <summary>The stream modes by their names in the protocol, in the order of the request.</summary>
    public IReadOnlyList<string> StreamModes { get; init; } = ["values"];

    /// <summary>
    /// Whether readers that join may ask for modes other than <see cref="StreamModes"/>, except <c>messages</c>, <c>events</c>
    /// and <c>debug</c>. True for a background run whose request named no mode.
    /// </summary>
    public bool RecordsAllModes { get; init; }

    /// <summary>
    /// Whether everything is recorded that readers of the thread's log want, also what no stream mode has. True for a run that is
    /// created while the log has a reader.
    /// </summary>
    public bool RecordsThreadEvents { get; init; }

    /// <summary>Whether events of subgraphs are streamed too.</summary>
    public bool StreamSubgraphs { get; init; }

    /// <summary>Whether the stream is stored in the database, so that it can be replayed after a restart.</summary>
    public bool StreamResumable { get; init; }

    /// <summary>Whether the run is cancelled when the client that created it disconnects.</summary>
    public bool CancelOnDisconnect { get; init; }

    /// <summary>Whether the thread of a stateless run is kept when the run has ended.</summary>
    public bool KeepThread { get; init; }

    /// <summary>How the run affects runs of the thread that have not ended.</summary>
    public MultitaskStrategy MultitaskStrategy { get; init; }

    /// <summary>Whether to create the thread if it does not exist.</summary>
    public bool CreateThread { get; init; }

    /// <summary>The delay before the start; null for none.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>When checkpoints are stored.</summary>
    public Durability Durability { get; init; }

    /// <summary>Whether resuming an interrupt that is not pending fails the run.</summary>
    public bool StrictResume { get; init; }

    /// <summary>The run that this one follows up on (docs/protocol/gateway.md H2).</summary>
    public string? FollowUpToRunId { get; init; }

    /// <summary>The key by which the client may repeat the request; null if it gave none.</summary>
    public RequestKey? Request { get; init; }

    /// <summary>The step of the cron that creates the run; null if a client creates it.</summary>
    public CronStep? Cron { get; init; }

    /// <summary>The keys that the client wants feedback for.</summary>
    public IReadOnlyList<string> FeedbackKeys { get; init; } = [];

    /// <summary>The maximum number of supersteps.</summary>
    public int RecursionLimit { get; init; } = 25;
}
