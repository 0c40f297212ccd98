using Npgsql;

namespace Weft.Storage.Postgres;

/// <summary>The homes of threads that a cluster has left in a database that a single server uses now.</summary>
internal static class ClusterRemains
{
    private const string Exist = "SELECT true FROM weft.servers LIMIT 1";

    // Reads the whole table. The rows of the servers show that it is necessary, and are removed with the homes.
    private const string Remove = """
        UPDATE weft.thread_standings SET home = NULL, held = false WHERE home IS NOT NULL OR held;
        DELETE FROM weft.servers
        """;

    /// <summary>Removes the homes, if the database is reserved for a server that is alone.</summary>
    public static async Task RemoveAsync(
        NpgsqlConnection connection, SchemaTexts texts, DatabaseUse use, CancellationToken cancellationToken)
    {
        if (use != DatabaseUse.Alone)
        {
            return;
        }

        await using var exist = new NpgsqlCommand(texts.OfScript(Exist), connection);
        if (await exist.ExecuteScalarAsync(cancellationToken) is true)
        {
            await using var remove = new NpgsqlCommand(texts.OfScript(Remove), connection) { CommandTimeout = 0 };
            await remove.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
