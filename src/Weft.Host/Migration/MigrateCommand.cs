using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using Weft.Host.Commands;
using Weft.Runs;
using Weft.Storage.Move;
using Weft.Storage.Postgres;
using Weft.Storage.Sqlite;

namespace Weft.Host.Migration;

/// <summary>The command that moves the data of a SQLite file into PostgreSQL.</summary>
internal static class MigrateCommand
{
    public const string Name = "migrate";

    private const string Help = """
        Usage: weft migrate --from <file> --to <connection> [--schema <name>]

        Moves all data of a SQLite file into an empty PostgreSQL database, and compares each row. No server may use either of them.
        The file is not changed, except that an older one is first migrated to this version. A move that was broken off continues when
        the command is repeated.

        Options:
          --from <file>           The file, such as .weft/weft.db
          --to <connection>       The database, such as "Host=localhost;Database=weft;Username=weft". Default: WEFT_POSTGRES
          --schema <name>         The schema of the tables. Default: weft
          -h, --help              Print this text.
        """;

    private static readonly string[] Flags = ["--from", "--to", "--schema"];

    /// <summary>Runs the command. Returns the exit code.</summary>
    /// <exception cref="CommandLineException">An argument is wrong.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || Command.AsksForHelp(arguments))
        {
            Console.WriteLine(Help);
            return 0;
        }

        var values = Parse(arguments);
        var connection = values.GetValueOrDefault("--to") ?? Environment.GetEnvironmentVariable(Settings.PostgresVariable);
        if (!values.TryGetValue("--from", out var file) || string.IsNullOrWhiteSpace(connection))
        {
            throw new CommandLineException("migrate needs --from and --to.");
        }

        if (!File.Exists(file))
        {
            throw new CommandLineException($"There is no file '{file}'.");
        }

        using var interrupted = new CancellationTokenSource();
        void Interrupt(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = true;
            interrupted.Cancel();
        }

        Console.CancelKeyPress += Interrupt;
        try
        {
            await MoveAsync(Path.GetFullPath(file), connection, values.GetValueOrDefault("--schema"), interrupted.Token);
            return 0;
        }
        catch (DatabaseUnavailableException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (NpgsqlException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message.Split('\n')[0].TrimEnd()} The same command continues the move.");
            return 1;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted. The same command continues the move.");
            return 1;
        }
        finally
        {
            Console.CancelKeyPress -= Interrupt;
        }
    }

    /// <summary>Returns the values of the flags.</summary>
    /// <exception cref="CommandLineException">An argument is unknown, or its value is missing.</exception>
    public static Dictionary<string, string> Parse(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            if (!Flags.Contains(parts[0]))
            {
                throw new CommandLineException($"Unknown option '{parts[0]}'. The options are {string.Join(", ", Flags)}.");
            }

            values[parts[0]] = parts is [_, var given] ? given
                : i + 1 < arguments.Count ? arguments[++i]
                : throw new CommandLineException($"{parts[0]} needs a value.");
        }

        return values;
    }

    // Only a call of this method loads the assemblies of PostgreSQL.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task MoveAsync(string file, string connection, string? schema, CancellationToken cancellationToken)
    {
        var options = new PostgresStorageOptions { ConnectionString = connection, LockTimeout = TimeSpan.Zero };
        options.Schema = schema ?? options.Schema;
        if (new PostgresStorageOptionsValidation().Validate(null, options) is { Failed: true } result)
        {
            throw new OptionsValidationException(nameof(PostgresStorageOptions), typeof(PostgresStorageOptions), result.Failures);
        }

        await using var source = SqliteDatabase.Open(new SqliteStorageOptions { Path = file });
        await using var target = await OpenDatabase.OpenAsync(
            options, DatabaseUse.Alone, TimeProvider.System, cancellationToken, isMove: true);
        var rows = await new DatabaseMove(source, file, target, static (table, rows) => Console.WriteLine($"{table}: {rows}"))
            .RunAsync(cancellationToken);
        Console.WriteLine($"Moved {rows} rows of {file}. Start the server with --postgres.");
    }
}
