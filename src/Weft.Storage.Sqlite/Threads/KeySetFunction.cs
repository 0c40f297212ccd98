using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Weft.Storage.Sqlite;

/// <summary>
/// The SQL function <c>with_key(chunk, key)</c>, which adds a key to a stored chunk of a <see cref="KeySet"/>. With it, a key is added by
/// one statement that does not read the chunk first.
/// </summary>
internal static class KeySetFunction
{
    private const string Name = "with_key";

    /// <summary>Adds the function to a connection.</summary>
    public static void AddTo(sqlite3 database) =>
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_create_function(database, Name, 2, raw.SQLITE_DETERMINISTIC, null, static (context, _, values) => Run(context, values)),
            database);

    private static void Run(sqlite3_context context, sqlite3_value[] values)
    {
        try
        {
            var key = raw.sqlite3_value_int64(values[1]);
            raw.sqlite3_result_blob(context, KeySet.With(raw.sqlite3_value_blob(values[0]), key, isIn: true));
        }
        catch (Exception e)
        {
            // An exception can't pass through SQLite.
            raw.sqlite3_result_error(context, e.Message);
        }
    }
}
