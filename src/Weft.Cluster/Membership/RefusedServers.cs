using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Weft.Cluster;

/// <summary>
/// Declares servers dead whose process has ended. The machine of such a server refuses connections to its port, so there is no need to
/// wait for probes without an answer. Each server watches the two that follow it. One refusal may have another reason; two in a row have not.
/// </summary>
internal sealed partial class RefusedServers(
    IClusterMembershipService membership,
    ServerDirectory servers,
    ILocalSiloDetails here,
    ClusterOptions options,
    TimeProvider time,
    ILogger<RefusedServers> logger) : BackgroundService
{
    private const int WatchedCount = 2;

    /// <summary>How many attempts are made for each probe of the membership.</summary>
    private const int TriesPerProbe = 4;

    // Those that have refused the last attempt.
    private HashSet<SiloAddress> _refused = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await WaitForOthersAsync(stoppingToken);
                await WatchAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>Waits until the cluster has another server, without a timer.</summary>
    private async Task WaitForOthersAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            if (servers.Others(here.SiloAddress).Count > 0)
            {
                return;
            }
        }
    }

    /// <summary>Watches other servers until there are none.</summary>
    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.ProbeInterval / TriesPerProbe, time);
        do
        {
            await timer.WaitForNextTickAsync(stoppingToken);
            var refused = await Task.WhenAll(Watched().Select(address => RefusedAsync(address, stoppingToken)));
            _refused = [.. refused.OfType<SiloAddress>()];
        }
        while (servers.Others(here.SiloAddress).Count > 0);
    }

    /// <summary>Returns the servers that follow this one in the order of their addresses, which is the same for all.</summary>
    private IEnumerable<SiloAddress> Watched()
    {
        var others = servers.Others(here.SiloAddress).Order().ToList();
        var next = others.FindIndex(address => address.CompareTo(here.SiloAddress) > 0);
        return others.Skip(next).Concat(next > 0 ? others.Take(next) : []).Take(WatchedCount);
    }

    /// <summary>Returns the server if it refuses a connection, and declares it dead if it has refused the one before too.</summary>
    private async Task<SiloAddress?> RefusedAsync(SiloAddress address, CancellationToken stoppingToken)
    {
        try
        {
            if (!await IsRefusedAsync(address.Endpoint, stoppingToken))
            {
                return null;
            }

            if (_refused.Contains(address) && await membership.TryKill(address))
            {
                LogGone(address);
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // The probes of the membership find it.
            LogNotDeclared(address, e.Message);
        }

        return address;
    }

    private async Task<bool> IsRefusedAsync(IPEndPoint endpoint, CancellationToken stoppingToken)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(options.ProbeInterval);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The process of server {Address} has ended.")]
    private partial void LogGone(SiloAddress address);

    [LoggerMessage(2, LogLevel.Warning, "Server {Address}, whose process has ended, could not be declared dead. {Reason}")]
    private partial void LogNotDeclared(SiloAddress address, string reason);
}
