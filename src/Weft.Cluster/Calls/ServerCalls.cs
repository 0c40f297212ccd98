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
    // Somebody waits for the answers of all. A server that lives answers within milliseconds.
    private static readonly TimeSpan AskAllTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SiloAddress, IServerService> _services = new();

    // Servers of an earlier version, which do not know what all are asked.
    private readonly ConcurrentDictionary<SiloAddress, bool> _earlier = new();

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
            var start = metrics.StartCall();
            var answer = await call(Of(address));
            metrics.CallEnded(start);
            return answer;
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            return false;
        }
    }

    /// <summary>Asks servers something at once. Returns the first one that agrees; null if none does.</summary>
    public async Task<SiloAddress?> FindAsync(IEnumerable<SiloAddress> asked, Func<IServerService, Task<bool>> call)
    {
        await foreach (var answered in Task.WhenEach(asked.Select(AskAsync)))
        {
            if (await answered is { } agreed)
            {
                return agreed;
            }
        }

        return null;

        async Task<SiloAddress?> AskAsync(SiloAddress address) => await TryAskAsync(address, call) ? address : null;
    }

    /// <summary>Asks all other servers something at once. Returns the first answer that is not null, with its server.</summary>
    public async Task<(SiloAddress Server, T Answer)?> AskAllAsync<T>(
        Func<IServerService, Task<T?>> call, CancellationToken cancellationToken)
        where T : class
    {
        var others = servers.Others(here.SiloAddress).Where(address => !_earlier.ContainsKey(address));
        await foreach (var asked in Task.WhenEach(others.Select(AskAsync)).WithCancellation(cancellationToken))
        {
            if (await asked is (var address, { } answer))
            {
                return (address, answer);
            }
        }

        return null;

        async Task<(SiloAddress, T?)> AskAsync(SiloAddress address)
        {
            try
            {
                return (address, await call(Of(address)).WaitAsync(AskAllTimeout, CancellationToken.None));
            }
            catch (Exception e)
            {
                if (e is TypeLoadException)
                {
                    _earlier[address] = true;
                }

                return (address, null);
            }
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

    // A server of an earlier version answers a call that it does not know with a TypeLoadException, and logs it as an error.
    private static bool IsUnreachable(Exception e) => e is OrleansException or TimeoutException or OperationCanceledException
        or SerializerException or System.Net.Sockets.SocketException or IOException or ObjectDisposedException or TypeLoadException;
}
