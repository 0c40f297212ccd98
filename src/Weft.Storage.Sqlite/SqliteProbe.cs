using System.Globalization;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Checks that the database can be written, by changing an unused number in the header of the file.</summary>
internal sealed class SqliteProbe(SqliteDatabase database) : IStorageProbe
{
    public Task CheckAsync(CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            // Setting the same number again would not write.
            var next = (connection.Use("PRAGMA user_version").First(row => row.Integer(0)) + 1) & 0xFFFF;
            connection.ExecuteScript(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {next}"));
            return true;
        },
        cancellationToken);
}
