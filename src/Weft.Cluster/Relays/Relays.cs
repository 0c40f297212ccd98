using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Weft.Cluster;

/// <summary>The relays from other servers, one of each.</summary>
internal sealed class Relays(ServerCalls calls, ServerDirectory servers, TimeProvider time, ILogger<Relay> logger)
{
    private readonly ConcurrentDictionary<int, Relay> _relays = new();

    public Relay Of(int server) => _relays.GetOrAdd(server, key => new Relay(key, calls, servers, time, logger));
}
