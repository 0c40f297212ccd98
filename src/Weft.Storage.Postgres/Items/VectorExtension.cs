using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Weft.Storage.Postgres;

/// <summary>
/// The extension pgvector, if the database has it. The vectors themselves are stored in the same way without it, so it may be added
/// at any time: only the indexes, one for each space, and the statements of searches need it.
/// </summary>
internal sealed partial class VectorExtension(PostgresDatabase database, ILogger logger)
{
    // An index can't have more.
    private const int DimensionsMax = 2_000;

    private const string Find = """
        SELECT quote_ident(namespaces.nspname)
        FROM pg_catalog.pg_extension AS extensions
        JOIN pg_catalog.pg_namespace AS namespaces ON namespaces.oid = extensions.extnamespace
        WHERE extensions.extname = 'vector' AND EXISTS (SELECT 1 FROM pg_catalog.pg_am WHERE amname = 'hnsw')
          AND has_schema_privilege(namespaces.oid, 'USAGE')
        """;

    private const string FindDimensions = "SELECT array_length(vector, 1) FROM weft.item_vectors WHERE space_key = $1 LIMIT 1";

    // The spaces whose index exists, is being made, or can't be made.
    private readonly ConcurrentDictionary<long, bool> _known = new();

    // Null until it was looked for; empty if it can't be used.
    private volatile string? _schema;

    /// <summary>The operator whose results grow as vectors of length 1 differ: their negative product.</summary>
    public string Product => $"OPERATOR({_schema}.<#>)";

    /// <summary>Whether vectors of so many dimensions can be ranked in the database.</summary>
    public async ValueTask<bool> IsUsableAsync(int dimensions, CancellationToken cancellationToken)
    {
        _schema ??= await database.ReadAsync(session => session.Use(Find).FirstAsync(row => row.Text(0)), cancellationToken) ?? "";
        return _schema.Length > 0 && dimensions <= DimensionsMax;
    }

    /// <summary>The column, as the index of a space has it.</summary>
    public string ExpressionOf(int dimensions) => Cast("vector", dimensions);

    public string Cast(string value, int dimensions) =>
        string.Create(CultureInfo.InvariantCulture, $"({value}::real[]::{_schema}.vector({dimensions}))");

    /// <summary>
    /// Makes the index of a space, if the extension can be used and the space has vectors. Without it searches are slower, so a
    /// failure is only logged.
    /// </summary>
    public async Task EnsureIndexAsync(long space, CancellationToken cancellationToken)
    {
        if (_known.ContainsKey(space) || !await IsUsableAsync(1, cancellationToken))
        {
            return;
        }

        var dimensions = await database.ReadAsync(
            session => session.Use(FindDimensions).Add(space).FirstAsync(row => (int)row.Integer(0)), cancellationToken);
        if (dimensions == 0)
        {
            return;
        }

        _known[space] = true;
        if (dimensions > DimensionsMax)
        {
            LogTooManyDimensions(dimensions, DimensionsMax);
            return;
        }

        try
        {
            await database.ReadAsync(session => MakeAsync(session, space, dimensions), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoIndex(e);
        }
    }

    private async Task<bool> MakeAsync(Session session, long space, int dimensions)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"item_vectors_of_space_{space}");
        // The name stands in the text, where the schema of the database takes its place.
        var found = await session.Use(
            $"""
            SELECT indisvalid, EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index AS made WHERE made.index_relid = indexrelid)
            FROM pg_catalog.pg_index WHERE indexrelid = to_regclass('weft.{name}')
            """)
            .FirstAsync(row => ((bool IsValid, bool IsBeingMade)?)(row.Boolean(0), row.Boolean(1)));
        if (found is { IsValid: true } or { IsBeingMade: true })
        {
            return false;
        }

        if (found is not null)
        {
            // A server stopped while it made the index.
            await session.Use($"DROP INDEX CONCURRENTLY IF EXISTS weft.{name}").ExecuteLongAsync();
        }

        await session.Use(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON weft.item_vectors
            USING hnsw ({ExpressionOf(dimensions)} {_schema}.vector_ip_ops) WHERE space_key = {space}
            """)).ExecuteLongAsync();
        return true;
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The index of the vectors of items was not made. Searches by meaning compare all vectors of an actor. The next start of the "
            + "server tries again.")]
    private partial void LogNoIndex(Exception exception);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Vectors of {Dimensions} dimensions are ranked in memory, because an index of pgvector has at most {DimensionsMax}.")]
    private partial void LogTooManyDimensions(int dimensions, int dimensionsMax);
}
