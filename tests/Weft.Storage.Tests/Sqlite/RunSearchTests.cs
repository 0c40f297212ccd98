using Microsoft.Data.Sqlite;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Tests.Sqlite;

/// <summary>Searches for runs read an index, in its order.</summary>
public sealed class RunSearchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-").FullName;

    public static TheoryData<string, string[]> Plans { get; } = new()
    {
        { RunSearch.Successful, ["SEARCH runs USING INDEX runs_by_owner (owner=? AND unsuccessful=? AND run_id>? AND run_id<?)"] },
        { RunSearch.Unsuccessful, ["SEARCH runs USING INDEX runs_by_owner (owner=? AND unsuccessful=? AND run_id>? AND run_id<?)"] },
        { RunSearch.OfThread, ["SEARCH runs USING INDEX runs_by_thread (thread_key=?)", "USE TEMP B-TREE FOR ORDER BY"] },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task A_search_reads_its_index(string sql, string[] steps) => (await PlanAsync(sql)).ShouldBe(steps, ignoreOrder: true);

    [Fact]
    public async Task A_search_for_all_runs_merges_two_parts_of_the_index_without_sorting()
    {
        var plan = await PlanAsync(RunSearch.All);

        plan.Count(step => step.StartsWith("SEARCH runs USING INDEX runs_by_owner", StringComparison.Ordinal)).ShouldBe(2);
        plan.ShouldNotContain(step => step.Contains("SCAN", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_search_for_unfinished_runs_reads_only_those() =>
        (await PlanAsync(RunSearch.Unfinished)).ShouldNotContain(step => step.Contains("runs_by_owner", StringComparison.Ordinal));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<List<string>> PlanAsync(string sql)
    {
        var file = Path.Combine(_folder, "weft.db");
        await using (var database = SqliteDatabase.Open(new SqliteStorageOptions { Path = file }))
        {
        }

        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var parameter in (string[])["?1", "?2", "?3", "?4"])
        {
            if (sql.Contains(parameter, StringComparison.Ordinal))
            {
                command.Parameters.AddWithValue(parameter, "");
            }
        }

        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
        {
            steps.Add(reader.GetString(3));
        }

        return [.. steps.Where(step => step.Contains("runs", StringComparison.Ordinal) || step.Contains("TEMP", StringComparison.Ordinal))];
    }
}
