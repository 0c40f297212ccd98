using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>What the stream of a thread shows (docs/protocol/threads.md B3).</summary>
internal sealed class ThreadStreamModes
{
    private readonly bool _hasRuns;
    private readonly bool _hasLifecycle;

    private ThreadStreamModes(List<string> modes)
    {
        _hasRuns = modes.Count == 0 || modes.Contains("run_modes");
        _hasLifecycle = modes.Contains("lifecycle");
        HasStateUpdates = modes.Contains("state_update");
    }

    /// <summary>Whether edits of the state are shown.</summary>
    public bool HasStateUpdates { get; }

    /// <summary>Whether the events <c>feedback</c> of runs are shown.</summary>
    public bool HasFeedback => _hasRuns;

    /// <summary>The modes of the events of runs: null means those of each run, and an empty list only its start and its end.</summary>
    public IReadOnlyList<string>? OfRuns => _hasRuns ? null : [];

    /// <exception cref="WeftException">A mode does not exist.</exception>
    public static ThreadStreamModes Read(HttpContext http)
    {
        var modes = Requests.ReadList(http, "stream_modes") ?? Requests.ReadList(http, "stream_mode") ?? [];
        return modes.Find(mode => mode is not ("run_modes" or "lifecycle" or "state_update")) is { } unknown
            ? throw Requests.Invalid("query.stream_mode", $"'{unknown}' is none of run_modes, lifecycle, state_update.")
            : new ThreadStreamModes(modes);
    }

    /// <summary>Waits for what to show next: the log of a run, or null for an edit.</summary>
    public async Task<RunStreamReader?> NextAsync(ThreadStreamReader thread, CancellationToken cancellationToken)
    {
        if (_hasRuns || _hasLifecycle)
        {
            return await thread.NextAsync(OfRuns, cancellationToken);
        }

        await thread.WaitForEditAsync(cancellationToken);
        return null;
    }
}
