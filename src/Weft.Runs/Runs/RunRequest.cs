using System.Text.Json;

namespace Weft.Runs;

/// <summary>A request for a run: the values of its route, body, headers and query. Missing members are null.</summary>
public sealed record RunRequest
{
    /// <summary>The thread of the route; null for a stateless run.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>The defaults of the mount that received it.</summary>
    public required RunDefaults Defaults { get; init; }

    /// <summary>Whether the request starts the run without waiting for it or streaming it.</summary>
    public bool IsBackground { get; init; }

    /// <summary><c>assistant_id</c>.</summary>
    public string? AssistantId { get; init; }

    /// <summary><c>input</c>.</summary>
    public JsonElement? Input { get; init; }

    /// <summary><c>command</c>.</summary>
    public JsonElement? Command { get; init; }

    /// <summary><c>metadata</c>.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary><c>config</c>.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>A JSON object: the headers that the run's nodes see as members of <c>configurable</c>.</summary>
    public JsonElement? Headers { get; init; }

    /// <summary><c>context</c>.</summary>
    public JsonElement? Context { get; init; }

    /// <summary><c>webhook</c>.</summary>
    public string? Webhook { get; init; }

    /// <summary><c>checkpoint_id</c>.</summary>
    public string? CheckpointId { get; init; }

    /// <summary><c>checkpoint</c>.</summary>
    public JsonElement? Checkpoint { get; init; }

    /// <summary><c>interrupt_before</c>.</summary>
    public JsonElement? InterruptBefore { get; init; }

    /// <summary><c>interrupt_after</c>.</summary>
    public JsonElement? InterruptAfter { get; init; }

    /// <summary><c>stream_mode</c>.</summary>
    public JsonElement? StreamMode { get; init; }

    /// <summary><c>stream_subgraphs</c>.</summary>
    public bool? StreamSubgraphs { get; init; }

    /// <summary><c>stream_resumable</c>.</summary>
    public bool? StreamResumable { get; init; }

    /// <summary><c>on_disconnect</c>.</summary>
    public string? OnDisconnect { get; init; }

    /// <summary><c>on_completion</c>.</summary>
    public string? OnCompletion { get; init; }

    /// <summary><c>multitask_strategy</c>.</summary>
    public string? MultitaskStrategy { get; init; }

    /// <summary><c>if_not_exists</c>.</summary>
    public string? IfNotExists { get; init; }

    /// <summary><c>after_seconds</c>.</summary>
    public double? AfterSeconds { get; init; }

    /// <summary><c>durability</c>.</summary>
    public string? Durability { get; init; }

    /// <summary><c>checkpoint_during</c>, the older form of <c>durability</c>.</summary>
    public bool? CheckpointDuring { get; init; }

    /// <summary><c>strict_resume</c>.</summary>
    public bool? StrictResume { get; init; }

    /// <summary><c>feedback_keys</c>.</summary>
    public IReadOnlyList<string>? FeedbackKeys { get; init; }

    /// <summary><c>follow_up_to_run_id</c>.</summary>
    public string? FollowUpToRunId { get; init; }
}

/// <summary>The defaults for missing members of a run request. They differ by mount (docs/protocol/runs.md B5).</summary>
public sealed record RunDefaults
{
    /// <summary>The defaults of the platform's API, at the root.</summary>
    public static RunDefaults Platform { get; } = new();

    /// <summary>The defaults of the gateway (docs/protocol/gateway.md H2), below <c>/api/threads</c>.</summary>
    public static RunDefaults Contract { get; } = new()
    {
        StreamModes = ["values", "messages-tuple"],
        MultitaskStrategy = Runs.MultitaskStrategy.Reject,
        CreateThread = true,
        CancelOnDisconnect = true,
        KeepThread = true,
        RecursionLimit = 100,
        AssistantOptional = true,
        StartsWithoutInput = true,
        MessagesMeansTuples = true,
    };

    /// <summary>The stream modes.</summary>
    public IReadOnlyList<string> StreamModes { get; init; } = ["values"];

    /// <summary>The multitask strategy.</summary>
    public MultitaskStrategy MultitaskStrategy { get; init; } = MultitaskStrategy.Enqueue;

    /// <summary>Whether a thread that does not exist is created.</summary>
    public bool CreateThread { get; init; }

    /// <summary>Whether a run is cancelled when its client disconnects.</summary>
    public bool CancelOnDisconnect { get; init; }

    /// <summary>Whether the thread of a stateless run is kept.</summary>
    public bool KeepThread { get; init; }

    /// <summary>The maximum number of supersteps.</summary>
    public int RecursionLimit { get; init; } = 25;

    /// <summary>Whether a request without an assistant runs the first graph.</summary>
    public bool AssistantOptional { get; init; }

    /// <summary>Whether a run without an input starts the graph with <c>{}</c> on a thread that has no state.</summary>
    public bool StartsWithoutInput { get; init; }

    /// <summary>Whether the mode <c>messages</c> means <c>messages-tuple</c>.</summary>
    public bool MessagesMeansTuples { get; init; }
}
