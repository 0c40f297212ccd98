using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Finds the logs of runs whose threads were deleted with their ends. Only the memory of the server that executed a run has its log, and
/// storage does not know the run any more, so all servers are asked.
/// </summary>
internal sealed class OutlivingLogs(ServerCalls calls, ServerDirectory servers, RunStreams streams, CopiedLogs copies)
{
    /// <summary>See <see cref="IThreadHomes.FindOutlivingAsync"/>.</summary>
    public async ValueTask<RunStream?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken)
    {
        if (streams.FindOutliving(actor, runId) is { } here)
        {
            return here;
        }

        var access = ActorJson.Of(actor);
        if (await calls.AskAllAsync(service => service.FindOutlivingAsync(actor.Id, access, runId.Value), cancellationToken) is not { } found
            || await servers.FindKeyAsync(found.Server, cancellationToken) is not { } server)
        {
            return null;
        }

        try
        {
            var run = RunStreams.RecordOf(actor, runId, new ThreadId(found.Answer.ThreadId));
            var copy = streams.Find(runId) is { IsCopy: true, HasEnded: true } known
                ? known
                : await copies.OpenAsync(run, server, cancellationToken);
            copy.ThreadMetadata = found.Answer.ThreadMetadata;
            copy.OutlivesThread = true;
            return copy;
        }
        catch (Exception e) when (e is ThreadElsewhereException or ServerUnreachableException)
        {
            // It was evicted, or went with its server.
            return null;
        }
    }
}
