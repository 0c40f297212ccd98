using Npgsql;
using Weft.Runs;
using Weft.Storage.Postgres;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Move;

/// <summary>
/// Moves all data of a SQLite file into an empty PostgreSQL database. The file is not changed. Each transaction moves some rows,
/// reads them again, and stores how far it came, so a move that was broken off continues there.
/// </summary>
/// <param name="source">The file. No server uses it.</param>
/// <param name="path">The full path of the file.</param>
/// <param name="target">The open database. No server uses it.</param>
/// <param name="report">Called after each table, with its name and the number of its rows.</param>
internal sealed class DatabaseMove(SqliteDatabase source, string path, OpenDatabase target, Action<string, long> report)
{
    private const string CountThreads = """
        INSERT INTO weft.thread_counts (owner, slot, threads) SELECT owner, 0, count(*) FROM weft.threads GROUP BY owner
        """;

    // The characters of a text that a message shows.
    private const int ShownLength = 60;

    /// <summary>Moves what has not been moved yet. Returns the number of rows in the database.</summary>
    /// <exception cref="DatabaseUnavailableException">The database has other data, or a row is not as it was.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await target.Sources.Direct.OpenConnectionAsync(cancellationToken);
        var rows = new TargetRows(connection, target.Texts);
        var progress = new MoveProgress(connection, target.Texts);
        var continues = await BeginAsync(connection, rows, progress, cancellationToken);
        var total = 0L;
        foreach (var table in MovedTables.All)
        {
            if (continues)
            {
                await CheckAsync(rows, table, await progress.FindAsync(table, cancellationToken), cancellationToken);
            }

            await MoveAsync(connection, rows, progress, table, cancellationToken);
            var count = await SourceRows.CountAsync(source, table, cancellationToken);
            if (count != await rows.CountAsync(table, cancellationToken))
            {
                throw Different(table, "the number of its rows");
            }

            total += count;
            report(table.Name, count);
        }

        await FinishAsync(connection, rows, cancellationToken);
        return total;
    }

    private async Task<bool> BeginAsync(
        NpgsqlConnection connection, TargetRows rows, MoveProgress progress, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var continues = await progress.BeginAsync(path, cancellationToken);
        foreach (var table in continues ? [] : MovedTables.All)
        {
            if (await rows.CountAsync(table, cancellationToken) > 0)
            {
                throw new DatabaseUnavailableException(
                    "The database is not empty. Move the data into an empty database, or another schema.");
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return continues;
    }

    private async Task MoveAsync(
        NpgsqlConnection connection, TargetRows rows, MoveProgress progress, MovedTable table, CancellationToken cancellationToken)
    {
        var last = await progress.FindAsync(table, cancellationToken);
        while (await SourceRows.ReadAsync(source, table, last, cancellationToken) is { Count: > 0 } page)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await rows.AddAsync(table, page, cancellationToken);
                await CompareAsync(rows, table, last, page, cancellationToken);
                await progress.SetAsync(table, page[^1], cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
            {
                throw TooLong(table, await FindTooLongAsync(connection, rows, table, page, cancellationToken) ?? page[0], e);
            }

            last = page[^1];
        }
    }

    /// <summary>Returns the first row that is too long for an index of PostgreSQL.</summary>
    private static async Task<object?[]?> FindTooLongAsync(
        NpgsqlConnection connection,
        TargetRows rows,
        MovedTable table,
        IReadOnlyList<object?[]> page,
        CancellationToken cancellationToken)
    {
        foreach (var row in page)
        {
            // It is rolled back.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                await rows.AddAsync(table, [row], cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
            {
                return row;
            }
        }

        return null;
    }

    private static DatabaseUnavailableException TooLong(MovedTable table, object?[] row, PostgresException exception)
    {
        var (column, text) = table.Stored
            .Where(i => table.Columns[i].Type == MovedType.Text && row[i] is string)
            .Select(i => (table.Columns[i].Name, Text: (string)row[i]!))
            .MaxBy(static column => column.Text.Length);
        return new(
            $"PostgreSQL can't store the row of the table {table.Name} with the key {KeyOf(table, row)}: its {column} has {text.Length} "
                + $"characters, and begins with '{text[..Math.Min(text.Length, ShownLength)]}'. Remove it with a server on the file, then "
                + "repeat the command.",
            exception);
    }

    private static string KeyOf(MovedTable table, object?[] row) => string.Join(", ", table.Order.Select(i => row[i]));

    /// <summary>Compares what was moved before, because a server may have changed the file since.</summary>
    private async Task CheckAsync(TargetRows rows, MovedTable table, object?[]? reached, CancellationToken cancellationToken)
    {
        var left = reached is null ? 0 : await rows.CountAsync(table, cancellationToken);
        for (object?[]? last = null; left > 0;)
        {
            var page = await SourceRows.ReadAsync(source, table, last, cancellationToken);
            if (page.Count == 0)
            {
                throw Different(table, "the number of its rows");
            }

            if (page.Count > left)
            {
                page.RemoveRange((int)left, page.Count - (int)left);
            }

            await CompareAsync(rows, table, last, page, cancellationToken);
            left -= page.Count;
            last = page[^1];
        }
    }

    private static async Task CompareAsync(
        TargetRows rows, MovedTable table, object?[]? after, IReadOnlyList<object?[]> page, CancellationToken cancellationToken)
    {
        if (await rows.FindDifferentAsync(table, after, page, cancellationToken) is { } different)
        {
            throw Different(table, $"the row with the key {KeyOf(table, different)}");
        }
    }

    private static DatabaseUnavailableException Different(MovedTable table, string what) => new(
        $"In the table {table.Name}, {what} is not as in the file. If the file was used since the move began, drop the schema and move "
            + "again.");

    private static async Task FinishAsync(NpgsqlConnection connection, TargetRows rows, CancellationToken cancellationToken)
    {
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            foreach (var (table, column, sequence) in MovedTables.Keys)
            {
                await rows.ExecuteAsync(
                    $"SELECT setval({(sequence is null ? $"pg_get_serial_sequence('weft.{table}', '{column}')" : $"'{sequence}'")}, "
                        + $"max({column})) FROM weft.{table} HAVING max({column}) IS NOT NULL",
                    cancellationToken);
            }

            await rows.ExecuteAsync(CountThreads, cancellationToken);
            await rows.ExecuteAsync($"DROP TABLE {UnfinishedMove.Table}", cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await rows.ExecuteAsync("ANALYZE", cancellationToken);
    }
}
