using System.Globalization;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Migrates a database to this version's schema with numbered scripts. They are applied in order, each in a transaction of its own
/// and at most once, also if several servers start at the same time.
/// </summary>
/// <param name="connection">A connection to the server itself.</param>
/// <param name="options">The schema, and whether it may be changed.</param>
/// <param name="texts">The texts of statements.</param>
/// <param name="name">The database, for messages.</param>
/// <param name="time">The time of the migration.</param>
internal sealed class Migrator(
    NpgsqlConnection connection, PostgresStorageOptions options, SchemaTexts texts, string name, TimeProvider time)
{
    /// <summary>
    /// A script may begin with this mark and a schema version. Programs that know that version can still use the database
    /// afterwards, because they do not need what the script adds.
    /// </summary>
    private const string OldestMark = "-- Oldest: ";

    // A migration does not stall the servers that use the database: it waits for locks this long, then tries again later.
    private const string SetLockTimeout = "SET LOCAL lock_timeout = '5s'";

    private const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('weft:migration:' || current_database(), 0))";
    private const string HasSchema = "SELECT to_regnamespace($1) IS NOT NULL";
    private const string HasVersion = "SELECT to_regclass('weft.schema_version') IS NOT NULL";
    private const string HasTables = "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace($1))";

    private const string CreateVersion = """
        CREATE TABLE weft.schema_version (version int PRIMARY KEY, oldest int NOT NULL, applied_at bigint NOT NULL)
        """;

    private const string FindVersion = "SELECT coalesce(max(version), 0) FROM weft.schema_version";
    private const string FindOldest = "SELECT coalesce(max(oldest), 0) FROM weft.schema_version WHERE version > $1";
    private const string AddVersion = "INSERT INTO weft.schema_version (version, oldest, applied_at) VALUES ($1, $2, $3)";

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
        var version = await FindVersionAsync(cancellationToken);
        if (version > scripts.Count)
        {
            throw new DatabaseUnavailableException(
                $"The schema '{options.Schema}' of the database {name} has version {version}, but this version of Weft knows only up to "
                    + $"{scripts.Count}. A newer version has used it.");
        }

        if (!options.ApplyMigrations)
        {
            throw new DatabaseUnavailableException(
                $"The schema '{options.Schema}' of the database {name} has version {version}, but this version of Weft needs "
                    + $"{scripts.Count}, and {nameof(PostgresStorageOptions.ApplyMigrations)} is false.");
        }

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

    /// <summary>Applies a script unless another server has applied it. Waits while others hold locks that it needs.</summary>
    private async Task ApplyAsync(int version, string script, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await TryApplyAsync(version, script, cancellationToken);
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
            await ExecuteAsync(AddVersion, cancellationToken, version, OldestOf(script) ?? version, UnixMicroseconds.From(time.GetUtcNow()));
        }

        await transaction.CommitAsync(cancellationToken);
    }

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
            throw new DatabaseUnavailableException(
                $"The schema '{options.Schema}' of the database {name} contains data that is not Weft's. Set another Schema.");
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

    private static List<string> Scripts() => [.. typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(script => script.EndsWith(".sql", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    private static string ReadScript(string script)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(script)!);
        return reader.ReadToEnd();
    }
}
