using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Weft.Cluster;

/// <summary>
/// Finds ports for the other servers, and checks those that are configured before Orleans uses them, which would log stack traces and name
/// neither the port nor the option.
/// </summary>
internal static class SiloPorts
{
    /// <summary>Returns a port that is free.</summary>
    /// <exception cref="OptionsValidationException">The address is not one of this machine.</exception>
    public static int FindFree(IPAddress address)
    {
        using var socket = Bind(new IPEndPoint(address, 0), nameof(ClusterOptions.SiloPort));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Checks that the server can listen at its endpoints.</summary>
    /// <exception cref="OptionsValidationException">It can't.</exception>
    public static void Check(EndpointOptions endpoint)
    {
        if (endpoint.SiloListeningEndpoint is { } silo)
        {
            Bind(silo, nameof(ClusterOptions.SiloPort)).Dispose();
        }

        if (endpoint.GatewayPort != 0)
        {
            var gateway = endpoint.GatewayListeningEndpoint ?? new IPEndPoint(endpoint.AdvertisedIPAddress, endpoint.GatewayPort);
            Bind(gateway, nameof(ClusterOptions.GatewayPort)).Dispose();
        }
    }

    private static Socket Bind(IPEndPoint endpoint, string option)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            var problem = e.SocketErrorCode == SocketError.AddressNotAvailable
                ? $"{nameof(ClusterOptions.Address)} must be an address of this machine (was {endpoint.Address})."
                : $"{option} {endpoint.Port} can't be listened on at {endpoint.Address}: {e.Message.TrimEnd('.')}.";
            throw new OptionsValidationException(
                Options.DefaultName, typeof(ClusterOptions), [$"{nameof(ClusterOptions)}.{problem}"]);
        }
    }
}
