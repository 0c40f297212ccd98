using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>A database that is open: of this version's schema, and not in use by a server that may not share it.</summary>
internal sealed class OpenDatabase : IAsyncDisposable
{
    // PostgreSQL 14 has all that the statements use.
    private const int VersionMin = 14;

    // The first answers take longer than others.
    private const int ClockReadings = 3;

    private OpenDatabase(ConnectionSources sources, SchemaTexts texts, DatabaseLock? held)
    {
        Sources = sources;
        Texts = texts;
        Held = held;
    }

    public ConnectionSources Sources { get; }

    public SchemaTexts Texts { get; }

    /// <summary>The lock that keeps other servers out; null for a guest.</summary>
    public DatabaseLock? Held { get; }

    /// <summary>Opens the database, and migrates it to this version's schema.</summary>
    /// <param name="options">Where the database is, and how it is used.</param>
    /// <param name="use">Which other programs may use the database.</param>
    /// <param name="time">The time of a migration.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="isMove">Whether the data of a file is moved into the database.</param>
    /// <param name="clock">Is set to the database's clock; null if no clock follows it.</param>
    /// <param name="logger">Logs why the migration may take long; null if nobody reads that.</param>
    /// <exception cref="DatabaseUnavailableException">It can't be used. The message is one line.</exception>
    public static async Task<OpenDatabase> OpenAsync(
        PostgresStorageOptions options,
        DatabaseUse use,
        TimeProvider time,
        CancellationToken cancellationToken,
        bool isMove = false,
        SharedClock? clock = null,
        ILogger? logger = null)
    {
        var name = "";
        ConnectionSources? sources = null;
        DatabaseLock? held = null;
        try
        {
            name = ConnectionSources.NameOf(options);
            sources = new ConnectionSources(options);
            var texts = new SchemaTexts(options.Schema);
            await using var connection = await sources.Direct.OpenConnectionAsync(cancellationToken);
            await CheckAsync(connection, name, cancellationToken);
            var migrator = new Migrator(connection, options, texts, name, time, logger ?? NullLogger.Instance);
            if (use != DatabaseUse.Guest)
            {
                held = await DatabaseLock.TakeAsync(sources.Direct, options, use, name, time, cancellationToken);
                for (var reading = 0; reading < ClockReadings && clock is not null; reading++)
                {
                    await held.TryHoldAsync(clock, cancellationToken);
                }

                await migrator.MigrateAsync(cancellationToken);
                await ClusterRemains.RemoveAsync(connection, texts, use, cancellationToken);
            }
            else if (!await migrator.IsUsableAsync(cancellationToken))
            {
                await MigrateSharedAsync(sources, migrator, options, name, time, cancellationToken);
            }

            if (!isMove)
            {
                await UnfinishedMove.CheckAsync(connection, texts, name, cancellationToken);
            }

            return new OpenDatabase(sources, texts, held);
        }
        catch (Exception e)
        {
            if (held is not null)
            {
                await held.DisposeAsync();
            }

            if (sources is not null)
            {
                await sources.DisposeAsync();
            }

            if (e is OperationCanceledException or DatabaseUnavailableException)
            {
                throw;
            }

            throw new DatabaseUnavailableException(
                e is DatabaseInUseException ? e.Message : $"The database {name} can't be opened: {ReasonOf(e)}", e);
        }
    }

    /// <summary>Checks whether a server could use the database, and changes nothing.</summary>
    /// <returns>The version of PostgreSQL, that of the schema, 0 if there is none, and the newest schema that this program knows.</returns>
    /// <exception cref="DatabaseUnavailableException">It can't be used. The message is one line.</exception>
    public static async Task<(Version Server, int Schema, int Known)> CheckAsync(
        PostgresStorageOptions options, CancellationToken cancellationToken)
    {
        var name = ConnectionSources.NameOf(options);
        await using var sources = new ConnectionSources(options);
        try
        {
            await using var connection = await sources.Direct.OpenConnectionAsync(cancellationToken);
            await CheckAsync(connection, name, cancellationToken);
            var texts = new SchemaTexts(options.Schema);
            var migrator = new Migrator(connection, options, texts, name, TimeProvider.System, NullLogger.Instance);
            var (schema, known) = await migrator.CheckAsync(cancellationToken);
            await UnfinishedMove.CheckAsync(connection, texts, name, cancellationToken);
            return (connection.PostgreSqlVersion, schema, known);
        }
        catch (Exception e) when (e is not (OperationCanceledException or DatabaseUnavailableException))
        {
            throw new DatabaseUnavailableException($"The database {name} can't be opened: {ReasonOf(e)}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Sources.DisposeAsync();
        if (Held is not null)
        {
            await Held.DisposeAsync();
        }
    }

    private static async Task MigrateSharedAsync(
        ConnectionSources sources,
        Migrator migrator,
        PostgresStorageOptions options,
        string name,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var held = await DatabaseLock.TakeAsync(
                sources.Direct, options, DatabaseUse.Alone, name, time, cancellationToken, timeout: TimeSpan.Zero);
            await migrator.MigrateAsync(cancellationToken);
        }
        catch (DatabaseInUseException e)
        {
            throw new DatabaseUnavailableException(
                $"A server uses the database {name} with the schema of another version of Weft. Use the program of that version.", e);
        }
    }

    private static async Task CheckAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < VersionMin)
        {
            throw new DatabaseUnavailableException(
                $"The database {name} is on PostgreSQL {connection.PostgreSqlVersion}; version {VersionMin} or newer is necessary.");
        }

        await using var command = new NpgsqlCommand(
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            throw new DatabaseUnavailableException($"The database {name} can't be written to: it is a standby, or it is read-only.");
        }
    }

    /// <summary>Returns what went wrong in one line.</summary>
    private static string ReasonOf(Exception exception)
    {
        var message = exception is PostgresException failure ? failure.MessageText : exception.Message;
        var inner = exception is NpgsqlException and not PostgresException && exception.InnerException is { } cause
            ? $" ({cause.Message})"
            : "";
        return $"{message}{inner}".ReplaceLineEndings(" ").TrimEnd('.') + ".";
    }
}
