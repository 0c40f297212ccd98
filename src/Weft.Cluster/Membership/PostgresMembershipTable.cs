using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Weft.Runs;
using Weft.Storage.Postgres;

namespace Weft.Cluster;

/// <summary>
/// Keeps the servers of a cluster in the table <c>servers</c> of its database. The key of a server's row becomes its
/// <see cref="ServerIdentity"/>.
/// </summary>
/// <remarks>
/// A database has one cluster, so the rows need no id of the cluster. The version of the table is a row of its own. Each change of a row
/// begins with that of the version, so of two changes that were decided on the same version, one is made. A heartbeat changes neither
/// the version nor the etag of a row. Times are stored by the clock of the database, and Orleans compares them with the clock of its
/// machine, so they are moved by the difference.
/// </remarks>
internal sealed class PostgresMembershipTable(
    PostgresDatabase database, ILocalSiloDetails local, ServerIdentity identity, SharedClock clock)
    : IMembershipTable
{
    /// <summary>How far the clock of the database is ahead of the one that Orleans uses.</summary>
    private TimeSpan Ahead => clock.AheadOf(TimeProvider.System);

    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) =>
        database.OpenAsync(cancellationToken);

    public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken) =>
        database.CoordinateAsync(session => ServerRows.ListAsync(session.Use(ServerRows.ListAll), Ahead), cancellationToken);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) => database.CoordinateAsync(
        session => ServerRows.ListAsync(ServerRows.AddAddress(session.Use(ServerRows.Find), key), Ahead), cancellationToken);

    public async Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken) =>
        EtagOf(tableVersion.VersionEtag) is { } version
        && IsChanged(entry, await database.CoordinateAsync(
            session => ServerRows.InsertAsync(session, entry, (int)version, tableVersion.Version, Ahead), cancellationToken));

    public async Task<bool> UpdateRowAsync(
        MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken) =>
        EtagOf(tableVersion.VersionEtag) is { } version
        && EtagOf(etag) is { } given
        && IsChanged(entry, await database.CoordinateAsync(
            session => ServerRows.UpdateAsync(session, entry, given, (int)version, tableVersion.Version, Ahead), cancellationToken));

    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) => database.CoordinateAsync(
        session => ServerRows.SetAliveAsync(session, entry, Ahead), cancellationToken);

    public Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken) => database.CoordinateAsync(
        session => session.Use(ServerRows.RemoveDead).Add(beforeDate + Ahead).ExecuteAsync(), cancellationToken);

    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) => database.CoordinateAsync(
        static session => session.Use(ServerRows.RemoveAll).ExecuteAsync(), cancellationToken);

    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) =>
        InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync(CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        InsertRowAsync(entry, tableVersion, CancellationToken.None);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) =>
        DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    /// <summary>Whether a row was added or changed. The key of this server's own row becomes its identity.</summary>
    private bool IsChanged(MembershipEntry entry, int? key)
    {
        // The row may have been added by an insert whose answer was lost. Then the first change of it returns the key.
        if (key is { } own && identity.Key is null && entry.SiloAddress.Equals(local.SiloAddress))
        {
            identity.Join(own);
        }

        return key is not null;
    }

    private static long? EtagOf(string etag) =>
        long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
