using System.Net;

namespace Weft.Cluster;

/// <summary>How the servers of a cluster reach each other.</summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// The address at which other servers reach this one. Default: the loopback address, so that the servers must be on one machine.
    /// </summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The TCP port for calls of other servers. Default: 0, which takes one that is free.</summary>
    public int SiloPort { get; set; }

    /// <summary>The TCP port for clients of Orleans, which Weft itself does not need. Default: 0, which opens none.</summary>
    public int GatewayPort { get; set; }
}
