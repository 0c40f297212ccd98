using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps the items of all actors.</summary>
internal sealed class PostgresItemStore(PostgresDatabase database) : IItemStore
{
    private const int ItemsPerDelete = 500;

    private const string DeleteSome = """
        DELETE FROM weft.items
        WHERE item_key = ANY(ARRAY(SELECT item_key FROM weft.items WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    public IStore Open(Actor actor, StoreOptions options, TimeProvider time) => new PostgresStore(database, actor.Id, options, time);

    public async Task<int> DeleteExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A few items at a time, so that transactions are short.
        for (var deleted = 0; ;)
        {
            var some = await database.WriteAsync(
                session => session.Use(DeleteSome).Add(now).Add(ItemsPerDelete).ExecuteAsync(), cancellationToken);
            deleted += some;
            if (some < ItemsPerDelete)
            {
                return deleted;
            }
        }
    }
}
