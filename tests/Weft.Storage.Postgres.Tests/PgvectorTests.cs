using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>The contract of the index of items on a database that ranks them itself.</summary>
public sealed class PgvectorTests() : ItemIndexContract(new PostgresUnderTest(null, extension: "vector"))
{
    [Fact]
    public async Task Each_space_has_an_index_of_its_dimensions()
    {
        await Spaces_are_not_mixed_and_an_item_is_in_one();

        (await ListIndexesAsync()).ShouldBe(["((vector)::vector(2)", "((vector)::vector(3)"]);
    }

    [Fact]
    public async Task An_index_that_was_not_completed_is_made_again()
    {
        await Items_are_ranked_by_their_most_similar_vector();
        await Storage.CloseAsync();
        TestDatabases.Execute(
            ConnectionString, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'weft.item_vectors_of_space_1'::regclass");

        await Storage.ItemIndex.ListUnindexedAsync("model/2", 0, 1, At(0), Token);

        (await ListIndexesAsync()).ShouldBe(["((vector)::vector(2)"]);
    }

    private string ConnectionString => ((PostgresUnderTest)Storage).ConnectionString;

    private async Task<List<string>> ListIndexesAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            """
            SELECT substring(pg_get_indexdef(indexrelid) FROM 'hnsw \((.*)\) vector_ip_ops') AS expression FROM pg_index
            WHERE indrelid = 'weft.item_vectors'::regclass AND indisvalid AND pg_get_indexdef(indexrelid) LIKE '%hnsw%'
            ORDER BY expression
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var indexes = new List<string>();
        while (await reader.ReadAsync(Token))
        {
            indexes.Add(reader.GetString(0));
        }

        return indexes;
    }
}
