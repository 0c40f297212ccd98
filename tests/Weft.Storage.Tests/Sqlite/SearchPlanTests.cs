using Microsoft.Data.Sqlite;
using SQLitePCL;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Tests;

/// <summary>Searches use the indexes that they are meant to use, and read no rows of other owners.</summary>
public sealed class SearchPlanTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-plans-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder, "weft.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Threads_are_found_by_index()
    {
        await CreateAsync();
        foreach (var query in Enum.GetValues<ThreadSort>().SelectMany(sort => new[] { true, false }.Select(down => new ThreadQuery { SortBy = sort, Descending = down })))
        {
            var order = ThreadOrder.Of(query);
            var index = query.SortBy == ThreadSort.UpdatedAt ? "threads_by_update (owner=?)" : "threads_by_creation (owner=?)";
            foreach (var sql in new[] { order.Page, order.AllKeys, order.KeysBetween })
            {
                var plan = PlanOf(sql);
                plan[0].ShouldContain("SEARCH threads USING");
                plan[0].ShouldContain(order.HasIndex ? index : "(owner=?)");
                plan.Contains("USE TEMP B-TREE FOR ORDER BY").ShouldBe(!order.HasIndex);
            }

            PlanOf(order.SortKeys)[0].ShouldBe("SEARCH threads USING INTEGER PRIMARY KEY (rowid=?)");
        }

        PlanOf(ThreadConditions.FindStatus).ShouldBe(["SEARCH threads USING COVERING INDEX threads_stopped (owner=? AND status=?)"]);
        PlanOf(ThreadConditions.FindIds)[0].ShouldBe("SEARCH threads USING INDEX sqlite_autoindex_threads_1 (thread_id=?)");
        PlanOf(ThreadMetadataRows.ListChunks).ShouldBe(["SEARCH thread_metadata USING PRIMARY KEY (owner=? AND name=? AND value=?)"]);
    }

    [Fact]
    public async Task Assistants_crons_and_items_are_found_among_those_of_their_owner()
    {
        await CreateAsync();
        string[] searches =
        [
            SqliteAssistantStore.ByCreation, .. CronSearch.Candidates.Values, ItemSearch.Page, ItemSearch.Candidates, ItemSearch.NextNamespace,
            RankedSearch.ListOthers, VectorRanking.ListAll, VectorRanking.ListNew, ItemVectorRows.FindUnindexed, ItemVectorRows.Put,
        ];
        foreach (var sql in searches)
        {
            var plan = PlanOf(sql);

            plan.ShouldNotContain(step => step.StartsWith("SCAN", StringComparison.Ordinal), sql);
            plan.ShouldContain(step => step.Contains("(owner=?", StringComparison.Ordinal), sql);
        }

        PlanOf(VectorRanking.ListNew).ShouldBe(
            ["SEARCH item_vectors USING INDEX item_vectors_in_order (owner=? AND vector_key>?)"]);
        PlanOf(RankedSearch.FindRanked)[0].ShouldBe("SEARCH items USING INTEGER PRIMARY KEY (rowid=?)");
    }

    [Fact]
    public async Task A_statement_is_prepared_once_whatever_the_length_of_its_page()
    {
        await CreateAsync();
        await using var database = new SqliteDatabase(new SqliteStorageOptions { Path = File });
        var page = ThreadOrder.Of(new ThreadQuery()).Page;

        var repreparations = await database.ReadAsync(
            connection =>
            {
                foreach (var limit in new[] { 1, 10, 1_000, 1 })
                {
                    connection.Use(page).Add("alice").Add(limit).Add(0).List(row => row.Text(0));
                }

                return connection.Use(page).Repreparations;
            },
            Token);

        repreparations.ShouldBe(0);
    }

    [Fact]
    public async Task A_search_that_reads_many_rows_moves_to_a_thread_for_long_reads_and_others_do_not()
    {
        using var scans = new ScanThreads(threadsMax: 1, queuedMax: 0);
        await using var database = new SqliteDatabase(new SqliteStorageOptions { Path = File }, scans: scans);
        var store = new SqliteThreadStore(database);
        await Task.WhenAll(Enumerable.Range(0, 3_000).Select(i => store.TryCreateAsync(
            new ThreadRecord
            {
                ThreadId = new ThreadId($"t{i}"),
                Owner = "alice",
                Metadata = $$"""{"kind":"x","part":{"n":{{i}}},"n":{{i}}}""",
                CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(i),
                UpdatedAt = DateTimeOffset.UnixEpoch.AddSeconds(i),
            },
            Token)));
        Task<Page<ThreadRecord>> SearchAsync(ThreadQuery query) => store.SearchAsync(new Actor("alice"), query, Token);

        (await SearchAsync(new ThreadQuery { Metadata = """{"part":{"n":7}}""" })).Items.ShouldHaveSingleItem().ThreadId.Value.ShouldBe("t7");
        using var release = new SemaphoreSlim(0);
        var busy = scans.RunAsync(
            () =>
            {
                release.Wait(Token);
                return Task.FromResult(true);
            },
            Token);

        (await SearchAsync(new ThreadQuery { Metadata = """{"kind":"x"}""" })).Total.ShouldBe(3_000);
        (await SearchAsync(new ThreadQuery { Metadata = """{"kind":"x","n":7}""" })).Total.ShouldBe(1);
        (await SearchAsync(new ThreadQuery { Metadata = """{"part":{"n":7},"n":7}""" })).Total.ShouldBe(1);
        await Should.ThrowAsync<WeftException>(SearchAsync(new ThreadQuery { Metadata = """{"part":{"n":7}}""" }));
        await Should.ThrowAsync<WeftException>(SearchAsync(new ThreadQuery { Status = ThreadStatus.Busy }));
        release.Release();
        (await busy).ShouldBeTrue();
        (await SearchAsync(new ThreadQuery { Status = ThreadStatus.Busy })).Total.ShouldBe(0);
    }

    private async Task CreateAsync() => await SqliteDatabase.Open(new SqliteStorageOptions { Path = File }).DisposeAsync();

    private List<string> PlanOf(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        // As the server's connections.
        raw.sqlite3_db_config(connection.Handle, StoreConnection.PlanStability, 1, out _).ShouldBe(raw.SQLITE_OK);
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        for (var i = 1; sql.Contains($"?{i}", StringComparison.Ordinal); i++)
        {
            command.Parameters.AddWithValue($"?{i}", i);
        }

        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read())
        {
            plan.Add(reader.GetString(3));
        }

        return plan;
    }
}
