using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Weft.Runs;
using Weft.Storage.Postgres;

namespace Weft.Storage.Move;

/// <summary>
/// How far a move has come. The table exists while a move is not finished; a server does not start on such a database.
/// </summary>
internal sealed class MoveProgress(NpgsqlConnection connection, SchemaTexts texts)
{
    private const string Source = "";

    private const string Create = $"""
        CREATE TABLE IF NOT EXISTS {UnfinishedMove.Table} (name text PRIMARY KEY, reached text[] NOT NULL)
        """;

    private const string Find = $"SELECT reached FROM {UnfinishedMove.Table} WHERE name = $1";

    private const string Set = $"""
        INSERT INTO {UnfinishedMove.Table} (name, reached) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET reached = excluded.reached
        """;

    /// <summary>Begins a move from a file, or continues one. Returns whether it continues.</summary>
    /// <exception cref="DatabaseUnavailableException">The database is being filled from another file.</exception>
    public async Task<bool> BeginAsync(string path, CancellationToken cancellationToken)
    {
        await using (var command = new NpgsqlCommand(texts.OfScript(Create), connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        if (await FindAsync(Source, cancellationToken) is not [var begun])
        {
            await SetAsync(Source, [path], cancellationToken);
            return false;
        }

        return begun == path
            ? true
            : throw new DatabaseUnavailableException(
                $"The move of '{begun}' into this database is not finished. Finish it, or drop the schema.");
    }

    /// <summary>Returns the values of the row that was moved last; null if none was.</summary>
    public async Task<object?[]?> FindAsync(MovedTable table, CancellationToken cancellationToken)
    {
        if (await FindAsync(table.Name, cancellationToken) is not { } reached)
        {
            return null;
        }

        var row = new object?[table.Columns.Count];
        foreach (var (place, text) in Places(table).Zip(reached))
        {
            row[place] = table.Columns[place].Type switch
            {
                MovedType.Long => long.Parse(text, CultureInfo.InvariantCulture),
                MovedType.Int => int.Parse(text, CultureInfo.InvariantCulture),
                MovedType.Uuid => Guid.Parse(text),
                _ => text,
            };
        }

        return row;
    }

    /// <summary>Stores that all rows up to one were moved.</summary>
    public Task SetAsync(MovedTable table, object?[] last, CancellationToken cancellationToken) => SetAsync(
        table.Name,
        [.. Places(table).Select(place => Convert.ToString(last[place], CultureInfo.InvariantCulture)!)],
        cancellationToken);

    private static IEnumerable<int> Places(MovedTable table) => Enumerable.Range(0, table.KeyLength).Union(table.Order);

    private async Task<string[]?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(texts.OfScript(Find), connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return (string[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task SetAsync(string name, string[] reached, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(texts.OfScript(Set), connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(
            new NpgsqlParameter<string[]> { TypedValue = reached, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
