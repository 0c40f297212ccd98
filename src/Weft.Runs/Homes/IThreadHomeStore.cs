namespace Weft.Runs;

/// <summary>Keeps which server of a cluster is the home of a thread: the one that coordinates and executes its runs.</summary>
/// <remarks>
/// A thread gets a home with its first unfinished run (<see cref="IRunStore.CreateAsync"/>) and loses it with the end of its last
/// one, unless it is held. Each method is one transaction.
/// </remarks>
internal interface IThreadHomeStore
{
    /// <summary>Returns the home of a thread; null if it has none or does not exist.</summary>
    Task<int?> FindAsync(ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Makes this server the home of a thread that has none, or whose home is gone. Returns the home that the thread has
    /// afterwards; null if the thread does not exist.
    /// </summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="holds">Whether the thread keeps the home when it has no unfinished run, until it is let go.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<int?> ClaimAsync(ThreadId threadId, bool holds, CancellationToken cancellationToken);

    /// <summary>
    /// Offers a thread that this server holds and that has no unfinished run: the server stays its home until another one takes it. A
    /// claim of this server that holds the thread ends the offer, or tells who has taken the thread.
    /// </summary>
    Task OfferAsync(ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Holds a thread as <see cref="ClaimAsync"/> does, also if its home is a server that offers it. A thread with unfinished runs keeps
    /// its home.
    /// </summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="giver">The server that offers the thread.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<int?> TakeAsync(ThreadId threadId, int giver, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the hold of this server on threads. Those that have no unfinished run have no home afterwards.
    /// </summary>
    Task LetGoAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken);

    /// <summary>
    /// Makes this server the home of threads with unfinished runs that have no home, or whose home is gone, and returns them.
    /// Threads that another server claims at the same time are skipped.
    /// </summary>
    Task<IReadOnlyList<ThreadId>> ClaimLeftAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Gives threads up whose home is this server, also with unfinished runs, so that another server can claim them.</summary>
    Task GiveUpAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken);

    /// <summary>Makes another server the home of a thread whose home is this one.</summary>
    Task GiveToAsync(ThreadId threadId, int server, CancellationToken cancellationToken);

    /// <summary>Returns a page of the threads with unfinished runs whose home is this server, in the order of their ids.</summary>
    Task<IReadOnlyList<ThreadId>> ListOwnAsync(ThreadId? after, int limit, CancellationToken cancellationToken);
}
