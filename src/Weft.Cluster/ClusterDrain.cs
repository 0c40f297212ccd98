using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.Runs;

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
    TimeProvider time,
    ILogger<ClusterDrain> logger) : IHostedLifecycleService, IRequestDrain, IDisposable
{
    private readonly CancellationTokenSource _letGo = new();
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

            var left = limits.DrainTimeout - time.GetElapsedTime(start);
            await _empty.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or StorageUnavailableException)
        {
            LogNotEmpty(e.Message);
        }
        finally
        {
            await _letGo.CancelAsync();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _letGo.Dispose();

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
