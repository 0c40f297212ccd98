[assembly: AssemblyFixture(typeof(Weft.Storage.Postgres.Tests.TestServer))]

namespace Weft.Storage.Postgres.Tests;

/// <summary>Prepares the server before the first test.</summary>
public sealed class TestServer : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await TestDatabases.PrepareAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
