using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// The copies of logs of runs that other servers execute. A run has one copy, however many readers it has here. If the server of a
/// run is gone, the readers go on where the run continues.
/// </summary>
internal sealed partial class CopiedLogs(
    RunStreams streams,
    Relays relays,
    RunLocator locator,
    IRunStore runs,
    ClusterMetrics metrics,
    SharedClock time,
    ILogger<CopiedLogs> logger)
{
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<RunId, Opening> _copies = new();

    /// <summary>The number of copies.</summary>
    public int Count => _copies.Count;

    /// <summary>Counts events that were received.</summary>
    public void Relayed(long events) => metrics.Relayed(events);

    /// <summary>Whether the runs of a thread are followed here.</summary>
    public bool IsFollowed(ThreadId threadId) => streams.Threads.HasFollowers(threadId);

    /// <summary>Returns a copy of the log of a run on another server, which has all events that the log has now.</summary>
    /// <exception cref="ThreadElsewhereException">The run is not there.</exception>
    /// <exception cref="ServerUnreachableException">The server does not answer.</exception>
    public async Task<RunStream> OpenAsync(RunRecord run, int server, CancellationToken cancellationToken)
    {
        var opening = _copies.GetOrAdd(run.RunId, _ => new Opening(new CopiedLog(run, this, time), copy => StartAsync(copy, server)));
        await opening.Opened.WaitAsync(cancellationToken);
        opening.Copy.Use();
        return opening.Copy.Stream!;
    }

    /// <summary>Returns the copy of a log if there is one.</summary>
    public async ValueTask<RunStream?> TryOpenAsync(RunId runId, CancellationToken cancellationToken)
    {
        if (!_copies.TryGetValue(runId, out var opening))
        {
            return null;
        }

        try
        {
            await opening.Opened.WaitAsync(cancellationToken);
            opening.Copy.Use();
            return opening.Copy.Stream;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The caller opens it again.
            return null;
        }
    }

    /// <summary>Adds the log that a copy writes.</summary>
    public RunStream Create(RunLogInfo info, RunRecord run) => streams.CreateCopy(info, run);

    /// <summary>Ends a copy that nobody reads, or whose run has ended.</summary>
    public void End(CopiedLog copy, RunStream stream)
    {
        Remove(copy);
        if (stream.HasEnded)
        {
            streams.Retire(stream);
        }
        else
        {
            streams.Remove(stream);
            // A reader that was added meanwhile ends, and its client connects again.
            stream.Abandon();
        }
    }

    /// <summary>Lets the readers of a copy go on where the run continues.</summary>
    public void Lose(CopiedLog copy, RunStream stream)
    {
        Remove(copy);
        streams.Remove(stream);
        GoOn(copy.Run, stream);
    }

    /// <summary>Lets the readers of a log go on where its run continues.</summary>
    public void GoOn(RunRecord run, RunStream stream) => _ = Task.Run(() => GoOnAsync(run, stream));

    private async Task StartAsync(CopiedLog copy, int server)
    {
        try
        {
            await relays.Of(server).SubscribeAsync(copy, copy.Run.ThreadId, CancellationToken.None);
        }
        catch
        {
            Remove(copy);
            throw;
        }

        await Task.WhenAny(copy.CaughtUp, Task.Delay(CatchUpMax, time));
    }

    private void Remove(CopiedLog copy)
    {
        if (_copies.TryGetValue(copy.Run.RunId, out var opening) && ReferenceEquals(opening.Copy, copy))
        {
            _copies.TryRemove(new(copy.Run.RunId, opening));
        }
    }

    private async Task GoOnAsync(RunRecord run, RunStream stream)
    {
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                var next = await ReopenAsync(run);
                if (IsFollowed(run.ThreadId) && !next.HasEnded)
                {
                    streams.Threads.Begin(next);
                }

                stream.Continue(next);
                return;
            }
            catch (Exception e)
            {
                LogNotFound(run.RunId, backoff.Next, e.Message);
                await backoff.WaitAsync(CancellationToken.None);
            }
        }
    }

    private async Task<RunStream> ReopenAsync(RunRecord before)
    {
        var (owner, runId) = (new Actor(before.Owner), before.RunId);
        var run = await runs.FindAsync(owner, runId, CancellationToken.None);
        if (run is { Status: RunStatus.Pending or RunStatus.Running })
        {
            var place = await locator.LocateAsync(run, CancellationToken.None);
            if (place.Here is { } here)
            {
                return await here.OpenStreamAsync(CancellationToken.None);
            }

            if (place.Server is { } server)
            {
                return await OpenAsync(run, server, CancellationToken.None);
            }

            if (place.IsBetween)
            {
                throw new ThreadElsewhereException(run.ThreadId, null);
            }

            run = await runs.FindAsync(owner, runId, CancellationToken.None);
        }

        // A run that does not exist any more was rolled back, or its thread was deleted.
        run ??= before with { Status = RunStatus.Interrupted, UpdatedAt = time.GetUtcNow() };
        return await streams.OpenAsync(run, CancellationToken.None);
    }

    [LoggerMessage(1, LogLevel.Debug, "Run {RunId} was not found yet; the next try is in {Wait}. {Reason}")]
    private partial void LogNotFound(RunId runId, TimeSpan wait, string reason);

    /// <summary>A copy, and the task that makes it, which begins when it is first needed.</summary>
    private sealed class Opening(CopiedLog copy, Func<CopiedLog, Task> start)
    {
        private readonly Lazy<Task> _opened = new(() => start(copy));

        public CopiedLog Copy => copy;

        public Task Opened => _opened.Value;
    }
}
