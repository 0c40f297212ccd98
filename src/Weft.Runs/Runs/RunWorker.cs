using Microsoft.Extensions.Hosting;

namespace Weft.Runs;

/// <summary>
/// Owns the execution of runs. It takes over runs that no server executes, at start and later, and drains at stop.
/// </summary>
internal sealed class RunWorker(RunRecovery recovery, RunScheduler scheduler, RunBacklog backlog, StopGuards guards, RunMetrics metrics)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _recovering = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Takes over runs before the first request. If storage does not allow that yet, the server starts and keeps trying.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Observe(scheduler, backlog, guards);
        await recovery.TryTakeOverAllAsync(cancellationToken);
        _recovering = recovery.RunAsync(_stop.Token);
    }

    /// <summary>
    /// Executes runs after everything else has started. A server that can't start, for example because its address is in use,
    /// executes no run.
    /// </summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        scheduler.Open();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await scheduler.StopAsync(cancellationToken);
        await _recovering;
    }

    public void Dispose() => _stop.Dispose();
}
