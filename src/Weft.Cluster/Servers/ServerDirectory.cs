using System.Collections.Concurrent;
using System.Net;
using Orleans.Runtime;
using Weft.Runs;
using Weft.Storage.Postgres;

namespace Weft.Cluster;

/// <summary>Finds servers by their keys, and tells which ones are alive.</summary>
internal sealed class ServerDirectory(PostgresDatabase database, IClusterMembershipService membership, ServerIdentity server)
{
    private const string Find = "SELECT address, port, generation FROM weft.servers WHERE server_key = $1";

    private const string FindKey = "SELECT server_key FROM weft.servers WHERE address = $1 AND port = $2 AND generation = $3";

    private const string WasSuspected = """
        SELECT cardinality(array_remove(suspected_by, $4)) > 0 FROM weft.servers WHERE address = $1 AND port = $2 AND generation = $3
        """;

    private readonly ConcurrentDictionary<int, SiloAddress> _addresses = new();
    private readonly ConcurrentDictionary<SiloAddress, int> _keys = new();

    /// <summary>The key of this server.</summary>
    public int Here => server.Key ?? throw new InvalidOperationException("The server has not joined its cluster yet.");

    /// <summary>The addresses of the other servers that are active.</summary>
    public IReadOnlyList<SiloAddress> Others(SiloAddress here) =>
        [.. membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(here))
            .Select(member => member.SiloAddress)];

    /// <summary>Returns the address of a server; null if it is unknown, so gone.</summary>
    public async ValueTask<SiloAddress?> FindAsync(int key, CancellationToken cancellationToken)
    {
        if (_addresses.TryGetValue(key, out var known))
        {
            return known;
        }

        var found = await database.ReadAsync(
            session => session.Use(Find).Add(key).FirstAsync(row => SiloAddress.New(
                IPAddress.Parse(row.Text(0)), (int)row.Integer(1), (int)row.Integer(2))),
            cancellationToken);
        if (found is not null)
        {
            _addresses[key] = found;
            _keys[found] = key;
        }

        return found;
    }

    /// <summary>Returns the key of a server; null if it is unknown.</summary>
    public async ValueTask<int?> FindKeyAsync(SiloAddress address, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(address, out var known))
        {
            return known;
        }

        var found = await database.ReadAsync(
            session => ServerRows.AddAddress(session.Use(FindKey), address).FirstAsync<int?>(row => (int)row.Integer(0)),
            cancellationToken);
        if (found is { } key)
        {
            _addresses[key] = address;
            _keys[address] = key;
        }

        return found;
    }

    /// <summary>
    /// Whether others have suspected a server. One that stops declares itself dead, and is its only suspect.
    /// </summary>
    public Task<bool> WasSuspectedAsync(SiloAddress address, CancellationToken cancellationToken) => database.CoordinateAsync(
        session => ServerRows.AddAddress(session.Use(WasSuspected), address).Add(address.ToParsableString())
            .FirstAsync(static row => row.Boolean(0)),
        cancellationToken);

    /// <summary>Whether a server is known to be dead.</summary>
    public bool IsDead(int key) =>
        _addresses.TryGetValue(key, out var address) && membership.CurrentSnapshot.GetSiloStatus(address) == SiloStatus.Dead;
}
