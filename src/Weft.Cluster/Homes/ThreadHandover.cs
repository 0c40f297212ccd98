using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Gives threads to other servers when this one stops.</summary>
internal sealed class ThreadHandover(IThreadHomeStore homes, ServerCalls calls, ServerChoice choice)
{
    private const int PageSize = 200;

    /// <summary>
    /// Gives threads up, and asks another server to take them over. If there is none, the next one that starts does.
    /// </summary>
    public async Task GiveUpAsync(IReadOnlyList<ThreadId> threadIds)
    {
        await homes.GiveUpAsync(threadIds, CancellationToken.None);
        if (await choice.NextAsync(CancellationToken.None) is { } other)
        {
            string[] ids = [.. threadIds.Select(static id => id.Value)];
            await calls.TryTellAsync(other, service => service.TakeOverAsync(ids));
        }
    }

    /// <summary>Gives up the threads whose runs all wait, except those that are named.</summary>
    public async Task GiveUpWaitingAsync(Func<ThreadId, bool> isExecuting, CancellationToken cancellationToken)
    {
        ThreadId? last = null;
        IReadOnlyList<ThreadId> page;
        do
        {
            page = await homes.ListOwnAsync(last, PageSize, cancellationToken);
            ThreadId[] waiting = [.. page.Where(threadId => !isExecuting(threadId))];
            if (waiting.Length > 0)
            {
                await GiveUpAsync(waiting);
            }

            last = page.Count == 0 ? null : page[^1];
        }
        while (page.Count == PageSize);
    }
}
