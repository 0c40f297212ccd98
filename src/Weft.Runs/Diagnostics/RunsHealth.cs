using Microsoft.Extensions.DependencyInjection;

namespace Weft.Runs;

/// <summary>What health checks ask about runs and their storage.</summary>
internal sealed class RunsHealth(RecoverySignal recovery, RunScheduler scheduler, IServiceProvider services)
{
    private volatile bool _hasStarted;

    /// <summary>Whether the runs that an earlier process left unfinished have been taken over. Once true, it stays true.</summary>
    public bool HasStarted => _hasStarted || (_hasStarted = recovery.IsSettled);

    /// <summary>Whether the server finishes its runs and takes no more.</summary>
    public bool IsStopping => scheduler.IsStopping;

    /// <summary>Writes to storage.</summary>
    /// <exception cref="StorageUnavailableException">Storage can't be used.</exception>
    public Task CheckStorageAsync(CancellationToken cancellationToken) =>
        services.GetService<IStorageProbe>()?.CheckAsync(cancellationToken) ?? Task.CompletedTask;
}
