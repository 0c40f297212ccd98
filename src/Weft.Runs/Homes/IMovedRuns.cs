namespace Weft.Runs;

/// <summary>Looks after runs that this server had and that continue on another one.</summary>
internal interface IMovedRuns
{
    /// <summary>
    /// Lets the readers of a run, and the callers that wait for it, go on where the run continues. The home of its thread is given
    /// up if this server stops.
    /// </summary>
    void Move(ActiveRun run);

    /// <summary>
    /// Looks for another server that has the graph of a run, which this one does not have, and gives it the thread. It is called again
    /// after a while as long as the run is here.
    /// </summary>
    void Offer(ActiveRun run);
}
