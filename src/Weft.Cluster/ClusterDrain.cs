using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Weft.Runs;
using ClusterOptions = Weft.Cluster.ClusterOptions;

namespace Weft.Cluster;

/// <summary>
/// Empties this server before it stops: its runs continue on others, and requests that wait for them go on until the runs have ended
/// there. Meanwhile it still answers requests.
/// </summary>
internal sealed partial class ClusterDrain(
    RunScheduler scheduler,
    ThreadSessions sessions,
    FollowedThreads followed,
    ClusterOptions options,
    RunsOptions limits,
    IOptions<ClusterMembershipOptions> membership,
    TimeProvider time,
    ILogger<ClusterDrain> logger) : IHostedLifecycleService, IRequestDrain, IDisposable
{
    // A server that can't reach the database can't report that it stops. The others find that its process has ended.
    private static readonly TimeSpan ReportTimeMax = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _letGo = new(Timeout.InfiniteTimeSpan, time);
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;
    private bool _isStopping;
    private volatile bool _isSkipped;

    public CancellationToken LetGo => _letGo.Token;

    public IDisposable Enter()
    {
        lock (_lock)
        {
            _requests++;
        }

        return new Entry(this);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets the server stop at once, because its runs can't go on here.</summary>
    public void Skip()
    {
        _isSkipped = true;
        limits.DrainTimeout = TimeSpan.Zero;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var left = TimeSpan.Zero;
        try
        {
            if (_isSkipped)
            {
                return;
            }

            // Load balancers find that the server is not ready, and send their requests to others.
            await Task.Delay(options.StopDelay, time, cancellationToken);
            LogDraining(scheduler.ExecutingCount);
            var start = time.GetTimestamp();
            var stopped = scheduler.StopAsync(cancellationToken);
            await followed.LetAllGoAsync(cancellationToken);
            foreach (var visit in sessions.OpenActive())
            {
                using (visit)
                {
                    // At the end of its turn it gives up the runs that wait.
                    await using var turn = await visit.Session.EnterAsync(cancellationToken);
                }
            }

            await stopped;
            lock (_lock)
            {
                _isStopping = true;
                CheckEmpty();
            }

            await _empty.Task.WaitAsync(LeftSince(start), time, cancellationToken);
            left = LeftSince(start);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or StorageUnavailableException)
        {
            LogNotEmpty(e.Message);
        }
        finally
        {
            // Until the server no longer listens, further requests can come that wait for runs. They have what is left of the time.
            _letGo.CancelAfter(left);
            // The silo reports twice: that it stops, and that it has stopped. It has joined, so the option limits nothing else any more.
            membership.Value.MaxJoinAttemptTime = ReportTimeMax;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _letGo.Dispose();

    /// <summary>Returns what is left of the time that the drain may take.</summary>
    private TimeSpan LeftSince(long start)
    {
        var left = limits.DrainTimeout - time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Leave()
    {
        lock (_lock)
        {
            _requests--;
            CheckEmpty();
        }
    }

    /// <summary>The caller holds the lock.</summary>
    private void CheckEmpty()
    {
        if (_isStopping && _requests == 0)
        {
            _empty.TrySetResult();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The server stops. Its {Count} runs continue on other servers.")]
    private partial void LogDraining(int count);

    [LoggerMessage(2, LogLevel.Warning, "The server stops before all of its runs and requests have ended. {Reason}")]
    private partial void LogNotEmpty(string reason);

    private sealed class Entry(ClusterDrain drain) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                drain.Leave();
            }
        }
    }
}
