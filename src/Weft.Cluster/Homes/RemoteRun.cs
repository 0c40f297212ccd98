using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A run that another server has.</summary>
internal sealed class RemoteRun(RunRecord run, int server, ClusterHomes homes, RemoteRuns remote) : IRunHandle
{
    private readonly Lock _lock = new();
    private Task<RunOutcome>? _ended;

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

    public ValueTask<RunStream> OpenStreamAsync(CancellationToken cancellationToken) => homes.OpenStreamAsync(run, cancellationToken);
}
