using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps the items of all actors.</summary>
internal sealed class SqliteItemStore(SqliteDatabase database) : IItemStore
{
    private const int ItemsPerDelete = 500;

    private const string DeleteSome = "DELETE FROM items WHERE item_key IN (SELECT item_key FROM items WHERE expires_at <= ?1 LIMIT ?2)";

    public IStore Open(Actor actor, StoreOptions options, TimeProvider time) => new SqliteStore(database, actor.Id, options, time);

    public async Task<int> DeleteExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A few items at a time, so that other writes do not wait long.
        for (var deleted = 0; ;)
        {
            var some = await database.WriteAsync(
                connection => connection.Use(DeleteSome).Add(now).Add(ItemsPerDelete).Execute(), cancellationToken);
            deleted += some;
            if (some < ItemsPerDelete)
            {
                return deleted;
            }
        }
    }
}
