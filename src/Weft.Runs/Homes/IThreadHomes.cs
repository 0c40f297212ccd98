namespace Weft.Runs;

/// <summary>Finds the home of a thread. A single server is the home of every thread.</summary>
internal interface IThreadHomes
{
    IThreadHome Of(ThreadId threadId);

    /// <summary>
    /// Returns the log of a run whose thread was deleted with its end, as long as the log is in memory; null if there is none that the
    /// actor may see.
    /// </summary>
    ValueTask<RunStream?> FindOutlivingAsync(Actor actor, RunId runId, CancellationToken cancellationToken);
}
