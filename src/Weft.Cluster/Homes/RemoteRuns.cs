using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Waits for the ends of runs that other servers have.</summary>
internal sealed class RemoteRuns(ServerCalls calls, RunLocator locator, RunOutcomes outcomes, TimeProvider time)
{
    /// <summary>Returns the outcome of a run that has ended.</summary>
    public Task<RunOutcome> ReadAsync(RunRecord run) => outcomes.ReadAsync(new Actor(run.Owner), run, CancellationToken.None);

    /// <summary>Returns the outcome of a run, wherever it ends.</summary>
    /// <param name="run">The run.</param>
    /// <param name="server">The server that had it last; null if that is not known.</param>
    public async Task<RunOutcome> WaitAsync(RunRecord run, int? server = null)
    {
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                if (server is { } known && await AskAsync(run, known) is { } outcome)
                {
                    return outcome;
                }
            }
            catch (Exception e) when (e is ServerUnreachableException or StorageUnavailableException)
            {
                await backoff.WaitAsync(CancellationToken.None);
            }

            try
            {
                var place = await locator.LocateAsync(run, CancellationToken.None);
                if (place.Here is { } here)
                {
                    return await here.Ended;
                }

                if (place.IsBetween || (place.Server is not null && place.Server == server))
                {
                    await backoff.WaitAsync(CancellationToken.None);
                }
                else if (place.Server is null)
                {
                    return await ReadAsync(run);
                }

                server = place.Server;
            }
            catch (StorageUnavailableException)
            {
                await backoff.WaitAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Returns what a run that executes on a server has done until now; empty if it is not there any more.</summary>
    /// <exception cref="ServerUnreachableException">The server did not answer.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadTimelineAsync(RunRecord run, int server, CancellationToken cancellationToken)
    {
        var reply = await calls.CallAsync(server, (service, token) => service.ReadTimelineAsync(RunRef.Of(run), token), cancellationToken);
        Replies.ThrowIfRefused(reply);
        return reply.Value;
    }

    /// <summary>Waits for the end of a run on a server. Returns null if it is not there any more.</summary>
    private async Task<RunOutcome?> AskAsync(RunRecord run, int server)
    {
        while (true)
        {
            var reply = await calls.WaitAsync(
                server, (service, token) => service.WaitAsync(RunRef.Of(run), token), CancellationToken.None);
            Replies.ThrowIfRefused(reply);
            if (reply.Kind != ReplyKind.Done)
            {
                return null;
            }

            if (reply.Value is { } outcome)
            {
                return outcome.ToOutcome();
            }
        }
    }
}
