using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Gives threads to other servers: when this one stops, and if it does not have the graph of a run.</summary>
internal sealed class ThreadHandover(IThreadHomeStore homes, ServerCalls calls, ServerChoice choice, FollowedThreads followed)
{
    private const int TriesMax = 3;

    /// <summary>
    /// Returns a server that has the graph of a new run, which this one lacks; null if there is none. If this server is the home of the
    /// thread because readers follow it, it gives the thread to that server.
    /// </summary>
    /// <exception cref="WeftException">Servers have the graph, but none can take the thread now.</exception>
    public async Task<int?> FindAsync(Actor actor, AssistantId assistantId, ThreadId threadId, CancellationToken cancellationToken)
    {
        var isForNow = false;
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (await choice.AcceptingAsync(actor, assistantId, cancellationToken) is not { } other)
            {
                break;
            }

            var result = await followed.TryGiveAsync(threadId, other, cancellationToken);
            if (result == GiveResult.Gone)
            {
                return other;
            }

            isForNow |= result != GiveResult.Refused;
        }

        return isForNow
            ? throw new WeftException(ProblemKind.Unavailable, "No server that has the graph can take the thread now. Try again later.")
            : null;
    }

    /// <summary>
    /// Gives the thread of a run up, and asks another server that does not stop to take it over. If there is none, the next one that
    /// starts does.
    /// </summary>
    public async Task GiveUpAsync(ActiveRun run)
    {
        await homes.GiveUpAsync([run.ThreadId], CancellationToken.None);
        if (await choice.AcceptingAsync(run.Record, run.Spec.GraphId) is { } other)
        {
            await TellAsync(other, run.ThreadId);
        }
    }

    /// <summary>Gives the thread of a run to a server that has its graph. Returns false if there is none.</summary>
    public async Task<bool> TryGiveAsync(ActiveRun run)
    {
        if (await choice.AcceptingAsync(run.Record, run.Spec.GraphId) is not { } other)
        {
            return false;
        }

        // The thread always has a home. Otherwise this server would claim it again, for those who wait for its runs here.
        await followed.GiveAsync(run.ThreadId, () => run.Session.GiveAsync(async () =>
        {
            try
            {
                await homes.GiveToAsync(run.ThreadId, other, CancellationToken.None);
            }
            finally
            {
                // Also if it is not known whether that was stored.
                followed.Leave(run.ThreadId);
            }
        }));
        await TellAsync(other, run.ThreadId);
        return true;
    }

    private Task TellAsync(int server, ThreadId threadId)
    {
        string[] ids = [threadId.Value];
        return calls.TryTellAsync(server, service => service.TakeOverAsync(ids));
    }
}
