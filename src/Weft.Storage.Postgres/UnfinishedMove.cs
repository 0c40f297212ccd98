using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>The mark of a database into which the data of a SQLite file is being moved.</summary>
internal static class UnfinishedMove
{
    /// <summary>The table that exists until the move is finished.</summary>
    public const string Table = "weft.move_progress";

    private const string Find = $"SELECT to_regclass('{Table}') IS NOT NULL";

    /// <summary>Checks that a server may use the database.</summary>
    /// <exception cref="DatabaseUnavailableException">A move into the database is not finished.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection, SchemaTexts texts, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(texts.OfScript(Find), connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            throw new DatabaseUnavailableException(
                $"A move of data into the database {name} is not finished. Repeat the command 'migrate', which continues it.");
        }
    }
}
