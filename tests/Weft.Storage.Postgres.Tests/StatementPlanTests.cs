using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>
/// A prepared statement keeps the plan that was made when its tables were small. So no statement may have a plan that reads a
/// whole table, even on a database that was never analysed.
/// </summary>
public sealed partial class StatementPlanTests : IDisposable
{
    // Each reads a whole table on purpose.
    private static readonly HashSet<string> Whole =
    [
        // Sums the sizes of all stored logs for the sweeper.
        "StreamRetention.ListSizes",

        // Read the indexes of the pending and the running runs, of which there are few.
        "RunLists.ListUnfinished",
        "RunLists.ListUnfinishedThreads",
        "RunSearch.Unfinished",
        "PostgresThreadHomeStore.LockLeft",
        "PostgresThreadHomeStore.ListOwn",

        // Removes what a cluster has left, once.
        "ClusterRemains.Remove",

        // Lists all keys for an operator.
        "PostgresApiKeyStore.FindAll",
    ];

    private readonly string _connectionString = TestDatabases.Create();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_statement_reads_a_whole_table()
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(Token);
        await ExecuteAsync(connection, "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off");

        var (explained, scans) = (0, new List<string>());
        foreach (var (name, sql) in Statements())
        {
            if (await ExplainAsync(connection, sql) is { } plan)
            {
                explained++;
                scans.AddRange(Scans(plan).Select(scan => $"{name}: {scan}"));
            }
        }

        explained.ShouldBeGreaterThan(40);
        scans.Where(static scan => !Whole.Contains(scan.Split(": ")[0])).ShouldBeEmpty();
    }

    public void Dispose() => TestDatabases.Remove(_connectionString);

    private static IEnumerable<(string Name, string Sql)> Statements() => Constants().Concat(ThreadSearches());

    private static IEnumerable<(string Name, string Sql)> ThreadSearches() =>
        from sort in Enum.GetValues<ThreadSort>()
        from isDescending in (bool[])[true, false]
        from source in Enum.GetValues<ThreadSource>()
        from hasStatus in (bool[])[source == ThreadSource.Stopped, true]
        from hasParts in (bool[])[true, false]
        from sql in (string[])
        [
            ThreadSearchText.PageOf(sort, isDescending),
            ThreadSearchText.Of(new ThreadSearchShape(sort, isDescending, source, hasStatus, hasParts)),
        ]
        select ($"ThreadSearchText {sort}, {source}, {hasStatus}, {hasParts}", sql);

    private static IEnumerable<(string Name, string Sql)> Constants() =>
        from type in typeof(PostgresDatabase).Assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            // Statements continue a text of this name.
        where field.IsLiteral && field.FieldType == typeof(string) && field.Name != "Select"
        let sql = (string)field.GetRawConstantValue()!
        where BeginsStatement().IsMatch(sql)
        select ($"{type.Name}.{field.Name}", sql);

    /// <summary>Returns the plan of a statement; null if the text is only a part of one.</summary>
    private static async Task<JsonElement?> ExplainAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await ExecuteAsync(connection, $"PREPARE explained AS {sql}");
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.SyntaxError
            or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.IndeterminateDatatype)
        {
            return null;
        }

        await using var types = new NpgsqlCommand(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'explained'", connection);
        var count = (int)(await types.ExecuteScalarAsync(Token))!;
        var values = count == 0 ? "" : $"({string.Join(", ", Enumerable.Repeat("NULL", count))})";
        await using var explain = new NpgsqlCommand($"EXPLAIN (FORMAT JSON) EXECUTE explained{values}", connection);
        var plan = JsonElement.Parse((string)(await explain.ExecuteScalarAsync(Token))!);
        await ExecuteAsync(connection, "DEALLOCATE explained");
        return plan[0].GetProperty("Plan");
    }

    /// <summary>The scans of whole tables in a plan. The first rows of an index are not its whole.</summary>
    private static IEnumerable<string> Scans(JsonElement plan, bool isLimited = false)
    {
        var type = plan.GetProperty("Node Type").GetString()!;
        var isWhole = type switch
        {
            "Seq Scan" => true,
            "Index Scan" or "Index Only Scan" or "Bitmap Index Scan" => !isLimited && !plan.TryGetProperty("Index Cond", out _),
            _ => false,
        };
        var name = plan.TryGetProperty("Relation Name", out var table) || plan.TryGetProperty("Index Name", out table) ? table : default;
        IEnumerable<JsonElement> parts = plan.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray() : [];
        return [.. isWhole ? [$"{type} on {name}"] : (string[])[], .. parts.SelectMany(part => Scans(part, type == "Limit"))];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    [GeneratedRegex(@"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")]
    private static partial Regex BeginsStatement();
}
