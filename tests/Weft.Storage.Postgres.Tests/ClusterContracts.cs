namespace Weft.Storage.Postgres.Tests;

/// <summary>The stores of a server of a cluster, which is the home of all threads with unfinished runs.</summary>
public sealed class ClusterRunStoreTests() : RunStoreContract(new PostgresUnderTest { IsOfCluster = true });

public sealed class ClusterThreadStoreTests() : ThreadStoreContract(new PostgresUnderTest { IsOfCluster = true });

public sealed class ClusterCheckpointStoreTests() : CheckpointStoreContract(new PostgresUnderTest { IsOfCluster = true });

public sealed class ClusterCronStoreTests() : CronStoreContract(new PostgresUnderTest { IsOfCluster = true });
