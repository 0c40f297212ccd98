using System.Net;
using Orleans;
using Orleans.Runtime;
using Weft.Cluster;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>The table of servers as Orleans uses it.</summary>
public sealed class PostgresMembershipTableTests : IAsyncDisposable
{
    private static readonly DateTime Now = new(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    private readonly string _connectionString = TestDatabases.Create(isEmpty: true);
    private readonly ServerIdentity _identity = new();
    private readonly PostgresDatabase _database;
    private readonly PostgresMembershipTable _table;

    public PostgresMembershipTableTests()
    {
        _database = new PostgresDatabase(
            new PostgresStorageOptions { ConnectionString = _connectionString }, use: DatabaseUse.Cluster, server: _identity);
        _table = new PostgresMembershipTable(_database, new LocalSilo(Silo(1)), _identity, new SharedClock(TimeProvider.System));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        TestDatabases.Remove(_connectionString);
    }

    [Fact]
    public async Task An_empty_database_is_initialized_once()
    {
        await _table.InitializeMembershipTableAsync(true, Token);
        await _table.InitializeMembershipTableAsync(true, Token);

        var all = await _table.ReadAllAsync(Token);

        all.Members.ShouldBeEmpty();
        all.Version.ShouldBe(new TableVersion(0, "0"));
    }

    [Fact]
    public async Task A_server_is_read_as_it_was_inserted()
    {
        var entry = Entry(Silo(1, "fe80::1"));
        entry.SuspectTimes = [Tuple.Create(Silo(2), Now.AddSeconds(1)), Tuple.Create(Silo(3, "::1"), Now.AddSeconds(2))];

        await InsertAsync(entry);

        var all = await _table.ReadAllAsync(Token);
        all.Version.Version.ShouldBe(1);
        var (read, _) = all.Members.ShouldHaveSingleItem();
        read.SiloAddress.ShouldBe(entry.SiloAddress);
        read.Status.ShouldBe(entry.Status);
        read.ProxyPort.ShouldBe(entry.ProxyPort);
        read.HostName.ShouldBe(entry.HostName);
        read.SiloName.ShouldBe(entry.SiloName);
        (read.StartTime, read.StartTime.Kind).ShouldBe((entry.StartTime, DateTimeKind.Utc));
        read.IAmAliveTime.ShouldBe(entry.IAmAliveTime);
        read.SuspectTimes.ShouldBe(entry.SuspectTimes);
    }

    [Fact]
    public async Task One_row_is_read_with_the_version()
    {
        await InsertAsync(Entry(Silo(1)));
        await InsertAsync(Entry(Silo(2)));

        var one = await _table.ReadRowAsync(Silo(2), Token);
        one.Members.ShouldHaveSingleItem().Item1.SiloAddress.ShouldBe(Silo(2));
        one.Version.ShouldBe(new TableVersion(2, "2"));

        var none = await _table.ReadRowAsync(Silo(3), Token);
        none.Members.ShouldBeEmpty();
        none.Version.Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_is_inserted_once_and_on_the_newest_version_only()
    {
        var version = await VersionAsync();
        (await _table.InsertRowAsync(Entry(Silo(1)), version.Next(), Token)).ShouldBeTrue();

        (await _table.InsertRowAsync(Entry(Silo(2)), version.Next(), Token)).ShouldBeFalse();
        (await _table.InsertRowAsync(Entry(Silo(1)), (await VersionAsync()).Next(), Token)).ShouldBeFalse();

        (await VersionAsync()).Version.ShouldBe(1);
        (await _table.ReadAllAsync(Token)).Members.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_update_changes_the_row_its_etag_and_the_version()
    {
        await InsertAsync(Entry(Silo(1)));
        var (entry, etag) = await FindAsync(Silo(1));
        entry.Status = SiloStatus.Active;
        entry.SuspectTimes = [Tuple.Create(Silo(2), Now)];
        entry.IAmAliveTime = Now.AddSeconds(5);

        (await _table.UpdateRowAsync(entry, etag, (await VersionAsync()).Next(), Token)).ShouldBeTrue();

        var (read, next) = await FindAsync(Silo(1));
        (read.Status, read.IAmAliveTime).ShouldBe((SiloStatus.Active, Now.AddSeconds(5)));
        read.SuspectTimes.ShouldBe(entry.SuspectTimes);
        next.ShouldNotBe(etag);
        (await VersionAsync()).Version.ShouldBe(2);
    }

    [Fact]
    public async Task An_update_on_an_old_row_or_on_an_old_version_or_of_no_row_changes_nothing()
    {
        await InsertAsync(Entry(Silo(1)));
        var (entry, etag) = await FindAsync(Silo(1));
        var version = await VersionAsync();
        (await _table.UpdateRowAsync(entry, etag, version.Next(), Token)).ShouldBeTrue();
        var (_, next) = await FindAsync(Silo(1));
        entry.Status = SiloStatus.Dead;

        (await _table.UpdateRowAsync(entry, next, version.Next(), Token)).ShouldBeFalse();
        (await _table.UpdateRowAsync(entry, etag, (await VersionAsync()).Next(), Token)).ShouldBeFalse();
        (await _table.UpdateRowAsync(entry, "", (await VersionAsync()).Next(), Token)).ShouldBeFalse();
        (await _table.UpdateRowAsync(Entry(Silo(2)), next, (await VersionAsync()).Next(), Token)).ShouldBeFalse();

        (await VersionAsync()).Version.ShouldBe(2);
        (await FindAsync(Silo(1))).Entry.Status.ShouldBe(SiloStatus.Joining);
    }

    [Fact]
    public async Task A_heartbeat_changes_no_etag_and_an_update_does_not_turn_it_back()
    {
        await InsertAsync(Entry(Silo(1)));
        var (entry, etag) = await FindAsync(Silo(1));
        var version = await VersionAsync();

        await _table.UpdateIAmAliveAsync(Alive(Silo(1), Now.AddMinutes(1)), Token);

        var (read, after) = await FindAsync(Silo(1));
        (read.IAmAliveTime, after).ShouldBe((Now.AddMinutes(1), etag));
        (await VersionAsync()).ShouldBe(version);
        (await _table.UpdateRowAsync(entry, etag, version.Next(), Token)).ShouldBeTrue();
        (await FindAsync(Silo(1))).Entry.IAmAliveTime.ShouldBe(Now.AddMinutes(1));
    }

    [Fact]
    public async Task Of_updates_and_inserts_that_were_decided_on_one_version_one_is_made()
    {
        await InsertAsync(Entry(Silo(1)));
        await InsertAsync(Entry(Silo(2)));
        for (var round = 0; round < 30; round++)
        {
            var version = await VersionAsync();
            var ((one, oneTag), (two, twoTag)) = (await FindAsync(Silo(1)), await FindAsync(Silo(2)));
            var changes = await Task.WhenAll(
                Task.Run(() => _table.UpdateRowAsync(one, oneTag, version.Next(), Token), Token),
                Task.Run(() => _table.UpdateRowAsync(one, oneTag, version.Next(), Token), Token),
                Task.Run(() => _table.UpdateRowAsync(two, twoTag, version.Next(), Token), Token),
                Task.Run(() => _table.InsertRowAsync(Entry(Silo(10 + round)), version.Next(), Token), Token));

            changes.Count(static isMade => isMade).ShouldBe(1);
            (await VersionAsync()).Version.ShouldBe(version.Version + 1);
        }
    }

    [Fact]
    public async Task Dead_servers_are_removed_when_they_are_old()
    {
        foreach (var (generation, status, alive) in new[]
        {
            (1, SiloStatus.Dead, Now), (2, SiloStatus.Dead, Now.AddHours(2)), (3, SiloStatus.Active, Now), (4, SiloStatus.Stopping, Now),
        })
        {
            var entry = Entry(Silo(generation));
            (entry.Status, entry.IAmAliveTime) = (status, alive);
            await InsertAsync(entry);
        }

        await _table.CleanupDefunctSiloEntriesAsync(Now.AddHours(1), Token);

        (await _table.ReadAllAsync(Token)).Members.Select(member => member.Item1.SiloAddress.Generation).Order().ShouldBe([2, 3, 4]);
        await _table.DeleteMembershipTableEntriesAsync("any", Token);
        (await _table.ReadAllAsync(Token)).Members.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_key_of_the_servers_own_row_becomes_its_identity()
    {
        await InsertAsync(Entry(Silo(2)));
        _identity.Key.ShouldBeNull();

        await InsertAsync(Entry(Silo(1)));

        _identity.Key.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_whose_insert_got_no_answer_learns_its_key_by_the_next_change()
    {
        await InsertAsync(Entry(Silo(1)));
        var identity = new ServerIdentity();
        var table = new PostgresMembershipTable(_database, new LocalSilo(Silo(1)), identity, new SharedClock(TimeProvider.System));
        var (entry, etag) = await FindAsync(Silo(1));

        (await table.UpdateRowAsync(entry, etag, (await VersionAsync()).Next(), Token)).ShouldBeTrue();

        identity.Key.ShouldBe(1);
    }

    [Fact]
    public async Task A_heartbeat_does_not_wait_for_reads_and_writes_that_use_all_connections()
    {
        await InsertAsync(Entry(Silo(1)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        async Task<bool> WaitAsync(Session session)
        {
            await Task.Delay(Timeout.Infinite, stop.Token);
            return true;
        }

        Task[] busy =
        [
            .. Enumerable.Range(0, 40).Select(_ => _database.ReadAsync(WaitAsync, stop.Token)),
            .. Enumerable.Range(0, 20).Select(_ => _database.WriteAsync(WaitAsync, stop.Token)),
        ];

        await _table.UpdateIAmAliveAsync(Alive(Silo(1), Now.AddMinutes(1)), Token).WaitAsync(TimeSpan.FromSeconds(10), Token);

        await stop.CancelAsync();
        await Task.WhenAll(busy).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static SiloAddress Silo(int generation, string address = "127.0.0.1") =>
        SiloAddress.New(new IPEndPoint(IPAddress.Parse(address), 11111), generation);

    private static MembershipEntry Alive(SiloAddress address, DateTime time) => new() { SiloAddress = address, IAmAliveTime = time };

    private static MembershipEntry Entry(SiloAddress address) => new()
    {
        SiloAddress = address,
        Status = SiloStatus.Joining,
        HostName = "host",
        SiloName = "silo",
        ProxyPort = 30000,
        StartTime = Now,
        IAmAliveTime = Now,
    };

    [Fact]
    public async Task Times_are_stored_by_the_clock_of_the_database()
    {
        var clock = new SharedClock(TimeProvider.System);
        var table = new PostgresMembershipTable(_database, new LocalSilo(Silo(1)), _identity, clock);
        clock.Follow(DateTimeOffset.UtcNow.AddHours(1), clock.GetTimestamp());
        var entry = Entry(Silo(1));
        entry.SuspectTimes = [Tuple.Create(Silo(2), Now.AddSeconds(1))];
        (await table.InsertRowAsync(entry, (await VersionAsync()).Next(), Token)).ShouldBeTrue();
        await table.UpdateIAmAliveAsync(entry, Token);

        // The table of the others is for a machine whose clock is right.
        var stored = (await _table.ReadAllAsync(Token)).Members.ShouldHaveSingleItem().Item1;
        stored.IAmAliveTime.ShouldBe(entry.IAmAliveTime.AddHours(1), TimeSpan.FromSeconds(1));
        stored.StartTime.ShouldBe(entry.StartTime.AddHours(1), TimeSpan.FromSeconds(1));
        stored.SuspectTimes![0].Item2.ShouldBe(Now.AddSeconds(3601), TimeSpan.FromSeconds(1));
        var read = (await table.ReadAllAsync(Token)).Members.ShouldHaveSingleItem().Item1;
        read.IAmAliveTime.ShouldBe(entry.IAmAliveTime, TimeSpan.FromSeconds(1));
        read.StartTime.ShouldBe(entry.StartTime, TimeSpan.FromSeconds(1));
        read.SuspectTimes![0].Item2.ShouldBe(Now.AddSeconds(1), TimeSpan.FromSeconds(1));
    }

    private async Task InsertAsync(MembershipEntry entry) =>
        (await _table.InsertRowAsync(entry, (await VersionAsync()).Next(), Token)).ShouldBeTrue();

    private async Task<TableVersion> VersionAsync() => (await _table.ReadAllAsync(Token)).Version;

    private async Task<(MembershipEntry Entry, string Etag)> FindAsync(SiloAddress address)
    {
        var (entry, etag) = (await _table.ReadRowAsync(address, Token)).Members.ShouldHaveSingleItem();
        return (entry, etag);
    }

    private sealed class LocalSilo(SiloAddress address) : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "weft";

        public string DnsHostName => "host";

        public SiloAddress SiloAddress => address;

        public SiloAddress GatewayAddress => address;
    }
}
