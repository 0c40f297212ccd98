using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A run that a lost call has created, and that has ended since.</summary>
internal sealed class EndedRun(RunRecord run, ClusterHomes homes, RemoteRuns remote) : IRunHandle
{
    public RunRecord Record => run;

    public Task<RunOutcome> Ended => remote.ReadAsync(run);

    public ValueTask<RunStream> OpenStreamAsync(CancellationToken cancellationToken) => homes.OpenStreamAsync(run, cancellationToken);
}
