[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Weft.Cluster.Tests;

/// <summary>Three servers for all tests that end none of them.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal ClusterUnderTest Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await ClusterUnderTest.StartAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

/// <summary>Tests that share servers.</summary>
[CollectionDefinition(Name)]
public sealed class SharedClusterTests : ICollectionFixture<SharedCluster>
{
    public const string Name = "three servers";
}
