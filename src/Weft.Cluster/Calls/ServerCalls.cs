using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Serialization;

namespace Weft.Cluster;

/// <summary>Calls other servers.</summary>
internal sealed class ServerCalls(
    ServerDirectory servers, ILocalSiloDetails here, ClusterMetrics metrics, IServiceProvider services)
    : GrainServiceClient<IServerService>(services)
{
    private readonly ConcurrentDictionary<SiloAddress, IServerService> _services = new();

    /// <summary>Calls a server.</summary>
    /// <exception cref="ServerUnreachableException">The server did not answer.</exception>
    public async Task<T> CallAsync<T>(
        int server, Func<IServerService, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var start = metrics.StartCall();
        var result = await WaitAsync(server, call, cancellationToken);
        metrics.CallEnded(start);
        return result;
    }

    /// <summary>Calls a server that answers when something happens. Such calls are not measured.</summary>
    /// <exception cref="ServerUnreachableException">The server did not answer.</exception>
    public async Task<T> WaitAsync<T>(
        int server, Func<IServerService, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        if (await servers.FindAsync(server, cancellationToken) is not { } address || servers.IsDead(server))
        {
            throw new ServerUnreachableException(server);
        }

        try
        {
            return await call(Of(address), cancellationToken);
        }
        catch (Exception e) when (IsUnreachable(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new ServerUnreachableException(server, e);
        }
    }

    /// <summary>Tells a server something. What it does about it is not awaited, and it may not arrive.</summary>
    public async Task TryTellAsync(int server, Func<IServerService, Task> call)
    {
        try
        {
            if (await servers.FindAsync(server, CancellationToken.None) is { } address)
            {
                await call(Of(address));
            }
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            // Its readers hear of it when they ask again.
        }
    }

    /// <summary>Asks a server something. Returns false if it does not answer.</summary>
    public async Task<bool> TryAskAsync(SiloAddress address, Func<IServerService, Task<bool>> call)
    {
        try
        {
            return await call(Of(address));
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            return false;
        }
    }

    /// <summary>Tells all other servers something.</summary>
    public void TellAll(Func<IServerService, Task> call)
    {
        foreach (var address in servers.Others(here.SiloAddress))
        {
            _ = TryAsync(address);
        }

        async Task TryAsync(SiloAddress address)
        {
            try
            {
                await call(Of(address));
            }
            catch (Exception e) when (IsUnreachable(e))
            {
                // As above.
            }
        }
    }

    private IServerService Of(SiloAddress address) => _services.GetOrAdd(address, static (at, calls) => calls.GetGrainService(at), this);

    private static bool IsUnreachable(Exception e) => e is OrleansException or TimeoutException or OperationCanceledException
        or SerializerException or System.Net.Sockets.SocketException or IOException or ObjectDisposedException;
}
