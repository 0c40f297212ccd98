using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Gives threads to other servers when this one stops.</summary>
internal sealed class ThreadHandover(IThreadHomeStore homes, ServerCalls calls, ServerChoice choice)
{
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
}
