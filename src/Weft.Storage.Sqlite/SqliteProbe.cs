using System.Globalization;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Changes a number in the header of the file that nobody uses.</summary>
internal sealed class SqliteProbe(SqliteDatabase database) : IStorageProbe
{
    public Task CheckAsync(CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            // The same number again would write nothing.
            var next = (connection.Use("PRAGMA user_version").First(row => row.Integer(0)) + 1) & 0xFFFF;
            connection.ExecuteScript(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {next}"));
            return true;
        },
        cancellationToken);
}
