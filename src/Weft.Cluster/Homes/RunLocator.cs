using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Finds the server that has an unfinished run. If that server is gone, this one takes the run over, unless it stops.
/// </summary>
internal sealed class RunLocator(LocalHome local, IRunStore runs, IThreadHomeStore homes, ServerDirectory servers)
{
    public async Task<RunPlace> LocateAsync(RunRecord run, CancellationToken cancellationToken)
    {
        try
        {
            if (await local.FindAsync(run, cancellationToken) is { } here)
            {
                return new RunPlace(here, null);
            }
        }
        catch (ThreadElsewhereException e)
        {
            return new RunPlace(null, e.Home);
        }

        // It has ended, or this server is about to give it up or to take it over.
        var now = await runs.FindAsync(new Actor(run.Owner), run.RunId, cancellationToken);
        if (now is not { Status: RunStatus.Pending or RunStatus.Running })
        {
            return default;
        }

        return await homes.FindAsync(run.ThreadId, cancellationToken) is { } home && home != servers.Here && !servers.IsDead(home)
            ? new RunPlace(null, home)
            : new RunPlace(null, null, IsBetween: true);
    }
}
