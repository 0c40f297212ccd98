using Weft.Server.Tests;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace Weft.Server.Tests;

/// <summary>One server for all tests that need nothing special of it; each has threads of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>A test of the shared server.</summary>
public abstract class ServerTests(SharedServer shared)
{
    protected Gates Gates => shared.Server.Gates;

    protected Api Root => shared.Server.Root;

    protected Api Gateway => shared.Server.Gateway;

    protected static string NewId() => Guid.CreateVersion7().ToString();
}
