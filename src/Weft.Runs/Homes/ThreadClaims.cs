namespace Weft.Runs;

/// <summary>
/// Ensures that this server is the home of a thread before it handles the thread's runs. A server that is alone is the home of every
/// thread.
/// </summary>
internal sealed class ThreadClaims(ServerIdentity server, IThreadHomeStore? homes = null)
{
    /// <summary>Whether other servers may be homes of threads.</summary>
    public bool AreShared => homes is not null && server.Key is not null;

    /// <summary>Makes this server the home of a thread unless it has another one that is alive.</summary>
    /// <exception cref="ThreadElsewhereException">Another server is the home.</exception>
    public async ValueTask ClaimAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        if (AreShared
            && await homes!.ClaimAsync(threadId, holds: false, cancellationToken) is { } home
            && home != server.Key)
        {
            throw new ThreadElsewhereException(threadId, home);
        }
    }

    /// <summary>
    /// Fails if a thread that was read has another home. If that server does not run any more, the caller can't reach it, and claims the
    /// thread.
    /// </summary>
    /// <exception cref="ThreadElsewhereException">Another server is the home.</exception>
    public void EnsureHere(ThreadRecord thread)
    {
        if (AreShared && thread.Home is { } home && home != server.Key)
        {
            throw new ThreadElsewhereException(thread.ThreadId, home);
        }
    }

    /// <summary>
    /// Returns a page of the threads with unfinished runs whose home is this server; empty if it is alone.
    /// </summary>
    public async ValueTask<IReadOnlyList<ThreadId>> ListOwnAsync(ThreadId? after, int limit, CancellationToken cancellationToken) =>
        AreShared ? await homes!.ListOwnAsync(after, limit, cancellationToken) : [];

    /// <summary>
    /// Claims threads with unfinished runs that have no home, or whose home is gone, and returns them; none if it is alone.
    /// </summary>
    public async ValueTask<IReadOnlyList<ThreadId>> ClaimLeftAsync(int limit, CancellationToken cancellationToken) =>
        AreShared ? await homes!.ClaimLeftAsync(limit, cancellationToken) : [];
}
