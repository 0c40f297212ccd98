namespace Weft.Storage.Postgres.Tests;

/// <summary>
/// As through a pooler that shares connections between transactions: nothing is set for the session, and nothing is prepared.
/// </summary>
public sealed class PoolerRunStoreTests() : RunStoreContract(new PostgresUnderTest(Pooler.Configure));

public sealed class PoolerThreadStoreTests() : ThreadStoreContract(new PostgresUnderTest(Pooler.Configure));

public sealed class PoolerCheckpointStoreTests() : CheckpointStoreContract(new PostgresUnderTest(Pooler.Configure));

internal static class Pooler
{
    public static void Configure(PostgresStorageOptions options) => options.DirectConnectionString = options.ConnectionString;
}
