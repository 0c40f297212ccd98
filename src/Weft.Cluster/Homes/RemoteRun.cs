using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A run that another server has.</summary>
/// <param name="run">The run.</param>
/// <param name="server">The server.</param>
/// <param name="homes">Finds the run if it has moved.</param>
/// <param name="copies">Copies its log.</param>
/// <param name="remote">Waits for its end.</param>
/// <param name="outcome">Its end, if it has ended already.</param>
internal sealed class RemoteRun(
    RunRecord run, int server, ClusterHomes homes, CopiedLogs copies, RemoteRuns remote, RunOutcome? outcome = null) : IRunHandle
{
    private readonly Lock _lock = new();
    private Task<RunOutcome>? _ended = outcome is null ? null : Task.FromResult(outcome);

    public RunRecord Record => run;

    /// <summary>Waits from the first use on.</summary>
    public Task<RunOutcome> Ended
    {
        get
        {
            lock (_lock)
            {
                return _ended ??= Task.Run(() => remote.WaitAsync(run, server));
            }
        }
    }

    public async ValueTask<RunStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        try
        {
            // There it is kept for a while after its end, also if its thread was removed.
            return await copies.OpenAsync(run, server, cancellationToken);
        }
        catch (Exception e) when (e is ThreadElsewhereException or ServerUnreachableException)
        {
            return await homes.OpenStreamAsync(run, cancellationToken);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadTimelineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await remote.ReadTimelineAsync(run, server, cancellationToken);
        }
        catch (ServerUnreachableException)
        {
            // Its server died, or is of an earlier version. What earlier attempts left is known nevertheless.
            return default;
        }
    }
}
