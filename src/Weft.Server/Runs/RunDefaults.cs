using Weft.Runs;

namespace Weft.Server;

/// <summary>The defaults for missing members of a request for a run. They differ by mount (docs/protocol/runs.md B5).</summary>
internal sealed record RunDefaults
{
    /// <summary>The defaults of the platform's API, at the root.</summary>
    public static RunDefaults Platform { get; } = new();

    /// <summary>The defaults of the gateway (docs/protocol/gateway.md H2), below <c>/api/threads</c>.</summary>
    public static RunDefaults Gateway { get; } = new()
    {
        StreamModes = ["values", "messages-tuple"],
        MultitaskStrategy = MultitaskStrategy.Reject,
        CreateThread = true,
        CancelOnDisconnect = true,
        KeepThread = true,
        RecursionLimit = 100,
        AssistantOptional = true,
        StartsWithoutInput = true,
        MessagesMeansTuples = true,
    };

    public IReadOnlyList<string> StreamModes { get; init; } = ["values"];

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

    /// <summary>Whether the stream mode <c>messages</c> means <c>messages-tuple</c>.</summary>
    public bool MessagesMeansTuples { get; init; }

    /// <summary>Checks the stream modes of a request; returns each once, with its meaning in this mount.</summary>
    /// <exception cref="WeftException">A mode does not exist.</exception>
    public List<string> ReadModes(List<string> modes, string field) =>
        modes.Find(mode => !Weft.Runs.StreamModes.Known.Contains(mode)) is { } unknown
            ? throw Requests.Invalid(field, $"'{unknown}' is none of {string.Join(", ", Weft.Runs.StreamModes.Known)}.")
            : [.. modes.Select(mode => MessagesMeansTuples && mode == "messages" ? "messages-tuple" : mode).Distinct()];
}
