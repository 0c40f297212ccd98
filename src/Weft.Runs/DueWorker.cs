using Microsoft.Extensions.Hosting;

namespace Weft.Runs;

/// <summary>
/// Handles what is due. It is woken by a signal, and otherwise waits until something is due, so nothing is polled. It begins after
/// everything else has started: a server that can't start handles nothing.
/// </summary>
internal abstract class DueWorker(WakeSignal signal, TimeProvider time, ServerIdentity server)
    : BackgroundService, IHostedLifecycleService
{
    // Longer waits are split, because the wall clock may be set forward and timers stop while the machine sleeps.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    // No signal comes from the other servers of a cluster, so this server looks what they have stored.
    protected static readonly TimeSpan WaitMaxOfCluster = TimeSpan.FromSeconds(15);

    // All servers of a cluster know when something is due. The first one that looks has done much of it when the others look. Keys of
    // servers that start together are consecutive.
    private static readonly TimeSpan SpreadOfCluster = TimeSpan.FromMilliseconds(50);
    private const int SpreadsOfCluster = 5;

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected TimeProvider Time => time;

    /// <summary>Whether other servers handle what is due, too.</summary>
    protected bool IsOfCluster => server.Key is not null;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the wait, because something may be due earlier than the worker knows.</summary>
    protected void Wake() => signal.Set();

    /// <summary>
    /// Handles all that is due. Returns the time until more may be due (<see cref="WaitFor"/>); null if some must be tried again.
    /// </summary>
    protected abstract Task<TimeSpan?> TryHandleDueAsync(CancellationToken stoppingToken);

    /// <summary>Returns how long to wait for something that is due at a time; null means that nothing will be due.</summary>
    protected TimeSpan WaitFor(DateTimeOffset? next)
    {
        var (max, spread) = server.Key is { } key
            ? (WaitMaxOfCluster, SpreadOfCluster * (key % SpreadsOfCluster))
            : (WaitMax, TimeSpan.Zero);
        return next - time.GetUtcNow() + spread is { } wait && wait < max ? wait > WaitMin ? wait : WaitMin : max;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _started.Task.WaitAsync(stoppingToken);
        for (var backoff = new Backoff(time); !stoppingToken.IsCancellationRequested;)
        {
            TimeSpan? handled;
            try
            {
                handled = await TryHandleDueAsync(stoppingToken);
            }
            catch (StorageUnavailableException) when (stoppingToken.IsCancellationRequested)
            {
                // The server stops without its database. The next one handles what is due.
                return;
            }

            if (handled is { } wait)
            {
                backoff = new Backoff(time);
                await signal.WaitAsync(wait, time, stoppingToken);
            }
            else
            {
                await backoff.WaitAsync(stoppingToken);
            }
        }
    }
}
