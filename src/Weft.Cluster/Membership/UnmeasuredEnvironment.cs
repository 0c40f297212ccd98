using Orleans.Statistics;

namespace Weft.Cluster;

/// <summary>
/// Measures nothing. Orleans would read all counters of the runtime every second, for placements and for load shedding, which the cluster
/// does not use.
/// </summary>
internal sealed class UnmeasuredEnvironment : IEnvironmentStatisticsProvider
{
    public EnvironmentStatistics GetEnvironmentStatistics() => default;
}
