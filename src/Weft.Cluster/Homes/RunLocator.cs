using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Finds the server that has an unfinished run. If that server is gone, this one takes the run over.</summary>
internal sealed class RunLocator(LocalHome local)
{
    public async Task<RunPlace> LocateAsync(RunRecord run, CancellationToken cancellationToken)
    {
        try
        {
            return new RunPlace(await local.FindAsync(run, cancellationToken), null);
        }
        catch (ThreadElsewhereException e)
        {
            return new RunPlace(null, e.Home);
        }
    }
}
