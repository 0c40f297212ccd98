namespace Weft.Cluster;

/// <summary>How the servers of a cluster reach each other.</summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// The IP address at which other servers reach this one. Default: 127.0.0.1, so that the servers must be on one machine.
    /// </summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The TCP port for calls of other servers. Default: 0, which takes one that is free.</summary>
    public int SiloPort { get; set; }

    /// <summary>The TCP port for clients of Orleans, which Weft itself does not need. Default: 0, which opens none.</summary>
    public int GatewayPort { get; set; }

    /// <summary>
    /// How often a server asks others whether they are alive. After three questions without an answer, or soon after its process has
    /// ended, a server is declared dead and its runs continue elsewhere. Default: 2 seconds.
    /// </summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a server looks for unfinished runs that no living server executes. Default: 15 seconds.</summary>
    public TimeSpan SearchInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long events of runs on other servers are gathered after a call that returned some, so that the next call returns more.
    /// Default: 5 milliseconds.
    /// </summary>
    public TimeSpan RelayPause { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How long a server that stops answers as before, except that it is not ready, so that load balancers send their requests to
    /// others. Default: 5 seconds.
    /// </summary>
    public TimeSpan StopDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a request is repeated while the server that has the runs of its thread can't be reached. Default: 30 seconds.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
