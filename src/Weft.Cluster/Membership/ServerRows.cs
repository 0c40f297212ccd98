using System.Globalization;
using System.Net;
using Orleans;
using Orleans.Runtime;
using Weft.Storage;
using Weft.Storage.Postgres;

namespace Weft.Cluster;

/// <summary>
/// Statements on the rows of servers. The clock that dates the rows is ahead of that of Orleans by the parameter <c>ahead</c>.
/// </summary>
internal static class ServerRows
{
    private const string Columns = """
        version, server_key, address, port, generation, status, proxy_port, started_at, alive_at, host_name, silo_name, suspected_by,
        suspected_at, etag
        """;

    private const string IsServer = "address = $1 AND port = $2 AND generation = $3";

    /// <summary>The version and the servers, which one statement reads from one snapshot.</summary>
    public const string ListAll = $"SELECT {Columns} FROM weft.membership LEFT JOIN weft.servers ON true";

    /// <summary>As <see cref="ListAll"/>, with at most one server.</summary>
    public const string Find = $"SELECT {Columns} FROM weft.membership LEFT JOIN weft.servers ON {IsServer}";

    /// <summary>Removes servers that have died before a time.</summary>
    public const string RemoveDead = "DELETE FROM weft.servers WHERE status = 6 AND greatest(started_at, alive_at) < $1";

    /// <summary>Removes all servers. The version stays, because it never decreases.</summary>
    public const string RemoveAll = "DELETE FROM weft.servers";

    private const string Insert = $"""
        WITH changed AS (
            UPDATE weft.membership SET version = $5
            WHERE version = $4 AND NOT EXISTS (SELECT FROM weft.servers WHERE {IsServer})
            RETURNING version)
        INSERT INTO weft.servers (
            address, port, generation, status, proxy_port, started_at, alive_at, host_name, silo_name, suspected_by, suspected_at)
        SELECT $1, $2, $3, $6, $7, $8, $9, $10, $11, $12, $13 FROM changed
        RETURNING server_key
        """;

    private const string Update = $"""
        WITH
            found AS (SELECT server_key FROM weft.servers WHERE {IsServer} AND etag = $6 FOR UPDATE),
            changed AS (UPDATE weft.membership SET version = $5 FROM found WHERE version = $4 RETURNING found.server_key)
        UPDATE weft.servers
        SET status = $7, alive_at = greatest(alive_at, $8), suspected_by = $9, suspected_at = $10, etag = etag + 1
        FROM changed WHERE servers.server_key = changed.server_key
        RETURNING servers.server_key
        """;

    private const string SetAlive = $"UPDATE weft.servers SET alive_at = $4 WHERE {IsServer}";

    public static Statement AddAddress(Statement statement, SiloAddress address) => statement
        .Add(address.Endpoint.Address.ToString()).Add(address.Endpoint.Port).Add(address.Generation);

    /// <summary>Returns the rows of <see cref="ListAll"/> or <see cref="Find"/>.</summary>
    public static async Task<MembershipTableData> ListAsync(Statement statement, TimeSpan ahead)
    {
        var (version, servers) = (0, new List<Tuple<MembershipEntry, string>>());
        await statement.ReadWhileAsync(row =>
        {
            version = (int)row.Integer(0);
            if (!row.IsNull(1))
            {
                servers.Add(Tuple.Create(Read(row, ahead), TextOf(row.Integer(13))));
            }

            return true;
        });
        return new MembershipTableData(servers, new TableVersion(version, TextOf(version)));
    }

    /// <summary>
    /// Adds a server and sets the next version, if the version is the given one and the server has no row. Returns its key; null if
    /// nothing was changed.
    /// </summary>
    public static Task<int?> InsertAsync(Session session, MembershipEntry entry, int version, int next, TimeSpan ahead) =>
        KeyAsync(AddSuspicions(
            AddAddress(session.Use(Insert), entry.SiloAddress).Add(version).Add(next).Add((int)entry.Status).Add(entry.ProxyPort)
                .Add(TimeOf(entry.StartTime) + ahead).Add(TimeOf(entry.IAmAliveTime) + ahead)
                .Add(entry.HostName ?? "").Add(entry.SiloName ?? ""),
            entry,
            ahead));

    /// <summary>
    /// Changes a server and sets the next version, if its etag and the version are the given ones. Returns its key; null if nothing was
    /// changed.
    /// </summary>
    public static Task<int?> UpdateAsync(
        Session session, MembershipEntry entry, long etag, int version, int next, TimeSpan ahead) =>
        KeyAsync(AddSuspicions(
            AddAddress(session.Use(Update), entry.SiloAddress).Add(version).Add(next).Add(etag).Add((int)entry.Status)
                .Add(TimeOf(entry.IAmAliveTime) + ahead),
            entry,
            ahead));

    /// <summary>Sets the time at which a server was alive.</summary>
    public static Task<int> SetAliveAsync(Session session, MembershipEntry entry, TimeSpan ahead) =>
        AddAddress(session.Use(SetAlive), entry.SiloAddress).Add(TimeOf(entry.IAmAliveTime) + ahead).ExecuteAsync();

    private static Task<int?> KeyAsync(Statement statement) => statement.FirstAsync<int?>(static row => (int)row.Integer(0));

    private static Statement AddSuspicions(Statement statement, MembershipEntry entry, TimeSpan ahead)
    {
        var suspicions = entry.SuspectTimes ?? [];
        return statement
            .Add(suspicions.Select(static one => one.Item1.ToParsableString()).ToArray())
            .Add(suspicions.Select(one => UnixMicroseconds.From(TimeOf(one.Item2) + ahead)).ToArray());
    }

    private static MembershipEntry Read(Row row, TimeSpan ahead) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Parse(row.Text(2)), (int)row.Integer(3)), (int)row.Integer(4)),
        Status = (SiloStatus)row.Integer(5),
        ProxyPort = (int)row.Integer(6),
        StartTime = (row.Time(7) - ahead).UtcDateTime,
        IAmAliveTime = (row.Time(8) - ahead).UtcDateTime,
        HostName = row.Text(9),
        SiloName = row.Text(10),
        SuspectTimes = [.. row.Texts(11).Zip(row.Integers(12), (by, at) =>
            Tuple.Create(SiloAddress.FromParsableString(by), (UnixMicroseconds.ToTime(at) - ahead).UtcDateTime))],
    };

    /// <summary>Orleans gives times in UTC, some without saying so.</summary>
    private static DateTimeOffset TimeOf(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static string TextOf(long number) => number.ToString(CultureInfo.InvariantCulture);
}
