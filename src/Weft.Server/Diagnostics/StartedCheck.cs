using Microsoft.Extensions.Diagnostics.HealthChecks;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Whether the server has taken over the runs that an earlier process left unfinished.</summary>
internal sealed class StartedCheck(RunsHealth health) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) => Task.FromResult(
        health.HasStarted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Unfinished runs have not been taken over yet."));
}
