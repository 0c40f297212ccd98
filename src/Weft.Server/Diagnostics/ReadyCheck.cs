using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Whether the server can take requests: it is not stopping, and its storage can be written within a moment.</summary>
internal sealed class ReadyCheck(RunsHealth health, IHostApplicationLifetime lifetime) : IHealthCheck
{
    // A database that does not answer is waited for much longer by requests. Load balancers need to know before.
    private static readonly TimeSpan StorageTimeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        if (health.IsStopping || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The server is stopping.");
        }

        try
        {
            // In real time, whatever clock the server has.
            await health.CheckStorageAsync(cancellationToken).WaitAsync(StorageTimeout, TimeProvider.System, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.");
        }
        catch (StorageUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
