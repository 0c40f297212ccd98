using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// The threads whose runs readers on this server follow. This server becomes the home of such a thread if it has none, so that runs
/// are sent to where the reader is. If it has another home, that server tells of the runs.
/// </summary>
internal sealed partial class FollowedThreads(
    IThreadHomeStore homes,
    ServerDirectory servers,
    ThreadSessions sessions,
    RunStreams streams,
    IRunStore runs,
    Relays relays,
    CopiedLogs copies,
    TimeProvider time,
    ILogger<FollowedThreads> logger)
{
    private const int TriesMax = 10;

    // A reader that is gone often comes back, for example when a page is loaded again.
    private static readonly TimeSpan KeepTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(200);

    // The other server is looking for the home of the thread, which mostly takes milliseconds.
    private static readonly TimeSpan GiveWait = TimeSpan.FromMilliseconds(100);

    private const int LetGoMax = 500;

    private readonly ConcurrentDictionary<ThreadId, FollowedThread> _threads = new();
    private volatile bool _isStopping;

    /// <summary>Ensures that this server hears of the runs of a thread.</summary>
    /// <param name="owner">The actor that the thread belongs to.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="startOrder">The first run, in the order of starts, that the reader wants.</param>
    /// <param name="wantsAllEvents">Whether the reader wants all events.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task FollowAsync(
        string owner, ThreadId threadId, long startOrder, bool wantsAllEvents, CancellationToken cancellationToken)
    {
        var thread = await EnterAsync(threadId, cancellationToken);
        try
        {
            thread.Owner = owner;
            thread.StartOrder = Math.Min(thread.StartOrder, startOrder);
            thread.WantsAllEvents |= wantsAllEvents;
            if (!streams.Threads.HasFollowers(threadId))
            {
                // Copies of logs that nobody has read were removed. They are all named again.
                thread.Copy?.Lose();
                thread.Copy = null;
            }

            await LocateAsync(thread, threadId, TriesMax, cancellationToken);
        }
        finally
        {
            thread.Turn.Release();
        }
    }

    /// <summary>Makes this server the home of a thread, for a reader on another server.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="giver">The server of the reader, if it is the home and gives the thread to this one; null otherwise.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ThreadElsewhereException">
    /// Another server is its home, or this one can't take it now: then the exception names no home.
    /// </exception>
    public async Task HoldAsync(ThreadId threadId, int? giver, CancellationToken cancellationToken)
    {
        // The giver lets nobody else change where the thread is until this returns. A caller that is changing it here may wait for that.
        var wait = giver is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero;
        var thread = await TryEnterAsync(threadId, wait, cancellationToken) ?? throw new ThreadElsewhereException(threadId, null);
        try
        {
            if (_isStopping)
            {
                throw new ThreadElsewhereException(threadId, null);
            }

            if ((giver is not null || !thread.IsHeld) && await ClaimAsync(thread, threadId, giver, cancellationToken) is { } home)
            {
                throw new ThreadElsewhereException(threadId, home);
            }
        }
        finally
        {
            thread.Turn.Release();
        }
    }

    /// <summary>
    /// Gives a thread to another server, if this one holds it. All readers here follow it there before a run is created there. Those of
    /// other servers look for it within a second, and miss edits of its state until then.
    /// </summary>
    public async Task<GiveResult> TryGiveAsync(ThreadId threadId, int server, CancellationToken cancellationToken)
    {
        for (var tries = 1; IsHeld(threadId); tries++)
        {
            var result = await TryGiveOnceAsync(threadId, server, cancellationToken);
            if (result != GiveResult.Busy || tries == TriesMax)
            {
                return result;
            }

            await Task.Delay(GiveWait, time, cancellationToken);
        }

        return GiveResult.Gone;
    }

    /// <summary>Gives a thread away with its runs, while nobody here changes where it is.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="give">Stores the new home, and leaves the thread.</param>
    public async Task GiveAsync(ThreadId threadId, Func<Task> give)
    {
        var thread = await EnterAsync(threadId, CancellationToken.None);
        try
        {
            await give();
        }
        finally
        {
            thread.Turn.Release();
        }
    }

    /// <summary>Looks for the home of a thread again, because this server has given it away.</summary>
    public void Leave(ThreadId threadId)
    {
        Forget(threadId);
        streams.Threads.Give(threadId);
    }

    /// <summary>Whether this server is the home of a thread because readers follow it. That may have changed since it was stored.</summary>
    public bool IsHeld(ThreadId threadId) => _threads.TryGetValue(threadId, out var thread) && thread.IsHeld;

    /// <summary>Lets all threads go, because this server stops, and holds none from now on.</summary>
    public async Task LetAllGoAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        ThreadId[] held = [.. _threads.Where(static pair => pair.Value.IsHeld).Select(static pair => pair.Key)];
        foreach (var some in held.Chunk(LetGoMax))
        {
            await homes.LetGoAsync(some, cancellationToken);
        }
    }

    /// <summary>Looks for the homes of threads again after they were deleted. One may be created with the same id.</summary>
    public void Forget(ThreadId threadId)
    {
        if (_threads.TryGetValue(threadId, out var thread))
        {
            thread.IsHeld = false;
            thread.Copy?.Lose();
            thread.Copy = null;
        }
    }

    /// <summary>Lets the threads go that nobody follows any more, and looks for those that were lost.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var (threadId, thread) in _threads)
        {
            if (!await thread.Turn.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                continue;
            }

            try
            {
                await SweepAsync(threadId, thread, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotFound(threadId, e.Message);
            }
            finally
            {
                thread.Turn.Release();
            }
        }
    }

    private async Task SweepAsync(ThreadId threadId, FollowedThread thread, CancellationToken cancellationToken)
    {
        if (_isStopping)
        {
            return;
        }

        if (streams.Threads.HasFollowers(threadId))
        {
            thread.UsedAt = time.GetTimestamp();
            await CheckAsync(threadId, thread, cancellationToken);
            await LocateAsync(thread, threadId, triesMax: 1, cancellationToken);
        }
        else if (time.GetElapsedTime(thread.UsedAt) > KeepTime)
        {
            if (thread.MayBeStored)
            {
                await homes.LetGoAsync([threadId], cancellationToken);
            }

            thread.Copy?.Lose();
            thread.IsRemoved = true;
            _threads.TryRemove(new(threadId, thread));
        }
    }

    /// <summary>
    /// Looks from time to time whether this server still is the home, because the thread may have been deleted and created again.
    /// </summary>
    private async Task CheckAsync(ThreadId threadId, FollowedThread thread, CancellationToken cancellationToken)
    {
        if (thread.IsHeld && time.GetElapsedTime(thread.CheckedAt) > CheckInterval)
        {
            if (await homes.FindAsync(threadId, cancellationToken) != servers.Here)
            {
                Lose(threadId, thread);
            }

            thread.CheckedAt = time.GetTimestamp();
        }
    }

    /// <summary>Notes that this server is not the home of a thread any more. Readers on other servers look for it again.</summary>
    private void Lose(ThreadId threadId, FollowedThread thread)
    {
        thread.IsHeld = false;
        streams.Threads.Give(threadId);
    }

    private async Task<GiveResult> TryGiveOnceAsync(ThreadId threadId, int server, CancellationToken cancellationToken)
    {
        var thread = await EnterAsync(threadId, cancellationToken);
        try
        {
            if (!thread.IsHeld || _isStopping)
            {
                // A server that stops lets it go.
                return GiveResult.Gone;
            }

            // Those of other servers follow the thread through this one.
            thread.WantsAllEvents |= streams.Threads.IsFollowed(threadId);
            return await TryOfferAsync(threadId, thread, server);
        }
        catch (Exception e)
        {
            // It is elsewhere, or it is not known whether it was taken. A claim tells, and ends the offer.
            Lose(threadId, thread);
            if (!_isStopping)
            {
                await LocateAsync(thread, threadId, triesMax: 1, CancellationToken.None);
            }

            if (e is not (ThreadElsewhereException or ServerUnreachableException))
            {
                throw;
            }

            return e is ThreadElsewhereException ? GiveResult.Gone : GiveResult.Unanswered;
        }
        finally
        {
            thread.Turn.Release();
        }
    }

    private async Task<GiveResult> TryOfferAsync(ThreadId threadId, FollowedThread thread, int server)
    {
        try
        {
            await homes.OfferAsync(threadId, CancellationToken.None);
            await SubscribeAsync(thread, threadId, server, giver: servers.Here, CancellationToken.None);
            Lose(threadId, thread);
            return GiveResult.Gone;
        }
        catch (ThreadElsewhereException e) when (!_isStopping && (e.Home is null || e.Home == servers.Here))
        {
            // It has not taken the thread. But an earlier call, which nobody waited for any more, may have.
            return await ClaimAsync(thread, threadId, giver: null, CancellationToken.None) is { } home
                ? throw new ThreadElsewhereException(threadId, home)
                : e.Home is null ? GiveResult.Busy : GiveResult.Refused;
        }
    }

    private async Task<FollowedThread> EnterAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        (await TryEnterAsync(threadId, Timeout.InfiniteTimeSpan, cancellationToken))!;

    private async Task<FollowedThread?> TryEnterAsync(ThreadId threadId, TimeSpan wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            var thread = _threads.GetOrAdd(threadId, static _ => new FollowedThread());
            if (!await thread.Turn.WaitAsync(wait, cancellationToken))
            {
                return null;
            }

            if (!thread.IsRemoved)
            {
                thread.UsedAt = time.GetTimestamp();
                return thread;
            }

            thread.Turn.Release();
        }
    }

    /// <summary>Becomes the home of the thread, or subscribes to it at its home.</summary>
    private async Task LocateAsync(FollowedThread thread, ThreadId threadId, int triesMax, CancellationToken cancellationToken)
    {
        if (thread.IsHeld || (thread.Copy is { IsLost: false } copy
            && copy.StartOrder <= thread.StartOrder && copy.WantsAllEvents == thread.WantsAllEvents))
        {
            return;
        }

        for (var tries = 1; tries <= triesMax; tries++)
        {
            try
            {
                if (await ClaimAsync(thread, threadId, giver: null, cancellationToken) is not { } home)
                {
                    return;
                }

                await SubscribeAsync(thread, threadId, home, giver: null, cancellationToken);
                return;
            }
            catch (Exception e) when (e is ThreadElsewhereException or ServerUnreachableException)
            {
                await Task.Delay(RetryWait, time, cancellationToken);
            }
        }
    }

    /// <summary>Claims the thread, also from a server that gives it. Returns its home if that is another server.</summary>
    private async Task<int?> ClaimAsync(FollowedThread thread, ThreadId threadId, int? giver, CancellationToken cancellationToken)
    {
        var home = giver is { } from
            ? await homes.TakeAsync(threadId, from, cancellationToken)
            : await homes.ClaimAsync(threadId, holds: true, cancellationToken);
        if (home is { } other && other != servers.Here)
        {
            return other;
        }

        thread.Copy?.Lose();
        thread.Copy = null;
        thread.IsHeld = home is not null;
        thread.MayBeStored |= thread.IsHeld;
        thread.CheckedAt = time.GetTimestamp();
        if (thread.IsHeld)
        {
            using var visit = sessions.Open(threadId);
            await visit.Session.CompareAsync(cancellationToken);
        }

        return null;
    }

    private async Task SubscribeAsync(
        FollowedThread thread, ThreadId threadId, int home, int? giver, CancellationToken cancellationToken)
    {
        var before = thread.Copy;
        var copy = new CopiedThread(
            thread.Owner ?? "", threadId, thread.StartOrder, thread.WantsAllEvents, home, giver, copies, streams, runs);
        await relays.Of(home).SubscribeAsync(copy, threadId, cancellationToken);
        before?.Lose();
        thread.Copy = copy;
        await copy.Added.WaitAsync(cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Debug, "The home of thread {ThreadId} was not found; the next try follows soon. {Reason}")]
    private partial void LogNotFound(ThreadId threadId, string reason);
}
