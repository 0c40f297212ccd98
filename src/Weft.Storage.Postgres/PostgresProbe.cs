using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Checks that the database can be written, by changing a number that nothing reads.</summary>
internal sealed class PostgresProbe(PostgresDatabase database) : IStorageProbe
{
    public const string Change = "UPDATE weft.probes SET number = number + 1 WHERE probe_key = 1";

    public Task CheckAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Use(Change).ExecuteAsync(), cancellationToken);
}
