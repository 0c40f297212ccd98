using System.Data;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Migrates a database to this version's schema with numbered scripts. They are applied in order, each in a transaction of its own
/// and at most once, also if several servers start at the same time.
/// </summary>
/// <remarks>
/// An index on a table that may be large is created by a script of its own, with <c>CREATE INDEX CONCURRENTLY IF NOT EXISTS</c>. Such a
/// script is executed outside of a transaction, so that servers of the version before write to the table meanwhile. All servers that
/// start wait for it. If it does not end, the index is invalid, and is dropped and created again by the next server.
/// </remarks>
/// <param name="connection">A connection to the server itself.</param>
/// <param name="options">The schema, and whether it may be changed.</param>
/// <param name="texts">The texts of statements.</param>
/// <param name="name">The database, for messages.</param>
/// <param name="time">The time of the migration.</param>
/// <param name="logger">Logs why a migration may take long.</param>
internal sealed partial class Migrator(
    NpgsqlConnection connection, PostgresStorageOptions options, SchemaTexts texts, string name, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// A script may begin with this mark and a schema version. Programs that know that version can still use the database
    /// afterwards, because they do not need what the script adds.
    /// </summary>
    private const string OldestMark = "-- Oldest: ";

    private const string ConcurrentIndex = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ";

    // A migration does not stall the servers that use the database: it waits for locks this long, then tries again later.
    private const string SetLockTimeout = "SET LOCAL lock_timeout = '5s'";

    private const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('weft:migration:' || current_database(), 0))";
    // The lock of the server that creates an index. It is never waited for in a statement, because the creation waits for all statements.
    private const string TryLockIndexes = "SELECT pg_try_advisory_lock(hashtextextended('weft:indexes:' || current_database(), 0))";
    private const string UnlockIndexes = "SELECT pg_advisory_unlock(hashtextextended('weft:indexes:' || current_database(), 0))";

    // The creation may take long, and nobody waits for its locks.
    private const string SetNoTimeouts = "SET statement_timeout = 0; SET lock_timeout = 0";

    private const string HasSchema = "SELECT to_regnamespace($1) IS NOT NULL";
    private const string HasVersion = "SELECT to_regclass('weft.schema_version') IS NOT NULL";
    private const string HasTables = "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace($1))";

    private const string CreateVersion = """
        CREATE TABLE weft.schema_version (version int PRIMARY KEY, oldest int NOT NULL, applied_at bigint NOT NULL)
        """;

    private const string FindVersion = "SELECT coalesce(max(version), 0) FROM weft.schema_version";
    private const string FindOldest = "SELECT coalesce(max(oldest), 0) FROM weft.schema_version WHERE version > $1";
    private const string AddVersion = "INSERT INTO weft.schema_version (version, oldest, applied_at) VALUES ($1, $2, $3)";

    private const string MayCreate = "SELECT has_schema_privilege($1, 'CREATE')";
    private const string MayCreateSchema = "SELECT has_database_privilege(current_database(), 'CREATE')";

    // A server only reads the version.
    private const string MayWrite = """
        SELECT coalesce(bool_and(
            has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')), true)
        FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p') AND relname <> 'schema_version'
        """;

    private const string MayAlter = """
        SELECT coalesce(bool_and(pg_has_role(relowner, 'USAGE')), true)
        FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p')
        """;

    private const int TriesMax = 12;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Applies the missing scripts.</summary>
    /// <exception cref="DatabaseUnavailableException">The schema is of a newer version or not Weft's, or may not be changed.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (await IsUsableAsync(cancellationToken))
        {
            // Nothing is written, so that a server starts even with rights for the data only.
            return;
        }

        var scripts = Scripts();
        var version = await FindMigratableAsync(cancellationToken);
        for (var next = version + 1; next <= scripts.Count; next++)
        {
            await ApplyAsync(next, ReadScript(scripts[next - 1]), cancellationToken);
        }
    }

    /// <summary>Whether the database has this version's schema, or a newer one that this version may use.</summary>
    public async Task<bool> IsUsableAsync(CancellationToken cancellationToken)
    {
        var known = Scripts().Count;
        var version = await FindVersionAsync(cancellationToken);
        return version == known
            || (version > known && await FirstAsync<int>(FindOldest, cancellationToken, known) <= known);
    }

    /// <summary>Checks that a server could use the database, or migrate it. Changes nothing.</summary>
    /// <returns>The version of its schema, 0 if there is none, and that of this program.</returns>
    /// <exception cref="DatabaseUnavailableException">
    /// The schema is of a newer version or not Weft's, or may not be changed, or the role lacks a right.
    /// </exception>
    public async Task<(int Version, int Known)> CheckAsync(CancellationToken cancellationToken)
    {
        var known = Scripts().Count;
        if (await IsUsableAsync(cancellationToken))
        {
            await CheckRightAsync(MayWrite, $"read and write all tables of the schema '{options.Schema}'", cancellationToken);
            return (await FindVersionAsync(cancellationToken), known);
        }

        var version = await FindMigratableAsync(cancellationToken);
        if (!await FirstAsync<bool>(HasSchema, cancellationToken, options.Schema))
        {
            await CheckRightAsync(MayCreateSchema, $"create the schema '{options.Schema}'", cancellationToken);
        }
        else if (version == 0 && await FirstAsync<bool>(HasTables, cancellationToken, options.Schema))
        {
            throw NotWeft();
        }
        else
        {
            await CheckRightAsync(MayCreate, $"create tables in the schema '{options.Schema}'", cancellationToken);
            await CheckRightAsync(MayAlter, $"change the tables of the schema '{options.Schema}'", cancellationToken);
        }

        return (version, known);
    }

    private async Task CheckRightAsync(string sql, string right, CancellationToken cancellationToken)
    {
        object[] values = sql == MayCreateSchema ? [] : [options.Schema];
        if (!await FirstAsync<bool>(sql, cancellationToken, values))
        {
            throw new DatabaseUnavailableException($"The role of the connection may not {right}, in the database {name}.");
        }
    }

    /// <summary>Returns the version of a schema that can be migrated.</summary>
    private async Task<int> FindMigratableAsync(CancellationToken cancellationToken)
    {
        var known = Scripts().Count;
        var version = await FindVersionAsync(cancellationToken);
        if (version > known)
        {
            throw new DatabaseUnavailableException(
                $"The schema '{options.Schema}' of the database {name} has version {version}, but this version of Weft knows only up to "
                    + $"{known}. A newer version has used it.");
        }

        return options.ApplyMigrations
            ? version
            : throw new DatabaseUnavailableException(
                $"The schema '{options.Schema}' of the database {name} has version {version}, but this version of Weft needs "
                    + $"{known}, and {nameof(PostgresStorageOptions.ApplyMigrations)} is false.");
    }

    private DatabaseUnavailableException NotWeft() => new(
        $"The schema '{options.Schema}' of the database {name} contains data that is not Weft's. Set another Schema.");

    /// <summary>Applies a script unless another server has applied it. Waits while others hold locks that it needs.</summary>
    private async Task ApplyAsync(int version, string script, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await (IndexOf(script) is { } index
                    ? CreateIndexAsync(version, script, index, cancellationToken)
                    : TryApplyAsync(version, script, cancellationToken));
                return;
            }
            catch (PostgresException e) when (StorageFaults.IsConflict(e))
            {
                if (tries == TriesMax)
                {
                    throw new DatabaseUnavailableException(
                        $"The schema '{options.Schema}' of the database {name} can't be migrated, "
                            + "because a transaction of another program locks it.",
                        e);
                }

                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    private async Task TryApplyAsync(int version, string script, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(SetLockTimeout, cancellationToken);
        await ExecuteAsync(Lock, cancellationToken);
        if (version == 1)
        {
            await CreateAsync(cancellationToken);
        }

        if (await FindVersionAsync(cancellationToken) < version)
        {
            await ExecuteAsync(script, cancellationToken);
            await AddVersionAsync(version, script, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Creates an index while others write to its table. Waits while another server does.</summary>
    private async Task CreateIndexAsync(int version, string script, string index, CancellationToken cancellationToken)
    {
        await ExecuteAsync(SetNoTimeouts, cancellationToken);
        for (var isFirst = true; !await FirstAsync<bool>(TryLockIndexes, cancellationToken); isFirst = false)
        {
            if (isFirst)
            {
                LogWaits(index);
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }

        try
        {
            if (await FindVersionAsync(cancellationToken) < version)
            {
                await CreateLockedIndexAsync(version, script, index, cancellationToken);
            }
        }
        finally
        {
            // PostgreSQL releases the lock of a connection that is lost. Otherwise the connection is used again, also after a failure.
            if (connection.State == ConnectionState.Open)
            {
                await ExecuteAsync(UnlockIndexes, CancellationToken.None);
            }
        }
    }

    private async Task CreateLockedIndexAsync(int version, string script, string index, CancellationToken cancellationToken)
    {
        LogCreates(index);
        var isInvalid = $"SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('weft.{index}') AND NOT indisvalid)";
        if (await FirstAsync<bool>(isInvalid, cancellationToken))
        {
            await ExecuteAsync($"DROP INDEX CONCURRENTLY weft.{index}", cancellationToken);
        }

        await ExecuteAsync(script, cancellationToken);
        await AddVersionAsync(version, script, cancellationToken);
    }

    private Task AddVersionAsync(int version, string script, CancellationToken cancellationToken) => ExecuteAsync(
        AddVersion, cancellationToken, version, OldestOf(script) ?? version, UnixMicroseconds.From(time.GetUtcNow()));

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        if (!await FirstAsync<bool>(HasSchema, cancellationToken, options.Schema))
        {
            await ExecuteAsync($"CREATE SCHEMA {texts.Name}", cancellationToken);
        }
        else if (await FirstAsync<bool>(HasVersion, cancellationToken))
        {
            return;
        }
        else if (await FirstAsync<bool>(HasTables, cancellationToken, options.Schema))
        {
            throw NotWeft();
        }

        await ExecuteAsync(CreateVersion, cancellationToken);
    }

    private async Task<int> FindVersionAsync(CancellationToken cancellationToken) =>
        await FirstAsync<bool>(HasVersion, cancellationToken) ? await FirstAsync<int>(FindVersion, cancellationToken) : 0;

    private async Task<T> FirstAsync<T>(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(sql, values);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = new NpgsqlCommand(texts.OfScript(sql), connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private static int? OldestOf(string script) => script.StartsWith(OldestMark, StringComparison.Ordinal)
        ? int.Parse(
            script.AsSpan(OldestMark.Length, script.AsSpan(OldestMark.Length).IndexOfAnyExceptInRange('0', '9')),
            CultureInfo.InvariantCulture)
        : null;

    /// <summary>Returns the index that a script creates while others write; null if the script is of another kind.</summary>
    private static string? IndexOf(string script) =>
        script.IndexOf(ConcurrentIndex, StringComparison.Ordinal) is >= 0 and var start
            ? script[(start + ConcurrentIndex.Length)..].Split(' ', 2)[0]
            : null;

    private static List<string> Scripts() => [.. typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(script => script.EndsWith(".sql", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    private static string ReadScript(string script)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(script)!);
        return reader.ReadToEnd();
    }

    // The first ids are those of the other messages about the database.
    [LoggerMessage(
        3,
        LogLevel.Information,
        "The server waits for the index {Index}, which PostgreSQL creates when all older transactions in the database have ended, "
            + "also those of pg_dump and idle ones.")]
    private partial void LogCreates(string index);

    [LoggerMessage(4, LogLevel.Information, "The server waits for the index {Index}, which another server creates.")]
    private partial void LogWaits(string index);
}
