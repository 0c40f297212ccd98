using System.Globalization;
using Microsoft.Extensions.Options;

namespace Weft.Host.Commands;

/// <summary>The command that checks the settings and the database, and changes neither.</summary>
internal static class CheckCommand
{
    public const string Name = "check";

    private const string Help = """
        Usage: weft check [options]

        Checks the settings as the server does when it starts, then reads the whole database: its version, its sizes and whether it is
        damaged. With PostgreSQL, it checks the version and the rights of the role. Nothing is changed, and the server may be running.
        The exit code is 1 if something is wrong.

        Options:
          --data <folder>         The data folder of the server. Default: .weft
          -h, --help              Print this text.

        All other options of the server are known too, so that its whole command line can be checked.
        """;

    // Of the tables, those that people have words for.
    private static readonly string[] Tables = ["threads", "assistants", "crons", "items"];

    /// <summary>Runs the command. Returns the exit code.</summary>
    /// <param name="arguments">The arguments after the name of the command.</param>
    /// <param name="configured">Gets the settings as soon as they are read.</param>
    /// <exception cref="CommandLineException">An argument is wrong, or the database can't be read.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Action<IConfiguration> configured)
    {
        if (Command.AsksForHelp(arguments))
        {
            Console.WriteLine(Help);
            return 0;
        }

        var builder = Settings.CreateBuilder(CommandLine.Parse(arguments).Settings);
        configured(builder.Configuration);
        var file = HostDatabase.FindPostgres(builder.Configuration) is null
            ? DataFolder.FindDatabase(builder.Configuration, creates: false)
            : null;
        var host = HostApp.Build(builder, static () => false, file);
        (string Name, int Schema, int Known)? server = null;
        await using (host.App)
        {
            host.App.Services.GetService<IStartupValidator>()?.Validate();
            if (file is null)
            {
                server = await PostgresSetup.CheckAsync(host.App.Services);
            }
        }

        Print("settings", "valid");
        Print("model", host.Model);
        Print("auth", $"{host.Auth}");
        Print("data", host.Database);
        if (server is not { } postgres)
        {
            return Check(file!) ? 0 : 1;
        }

        Print("server", postgres.Name);
        Print("schema", postgres.Schema switch
        {
            0 => "none; the server creates it when it starts",
            var schema when schema < postgres.Known => $"{schema}{WillMigrate(postgres.Known)}",
            var schema when schema > postgres.Known => $"{schema}{CanUse(postgres.Known)}",
            var schema => $"{schema}",
        });
        return 0;
    }

    private static bool Check(string path)
    {
        if (!File.Exists(path))
        {
            Print("", "The file does not exist yet. The server creates it when it starts.");
            return true;
        }

        using var database = DatabaseFile.Open(path);
        // First, because nothing else can be read from a damaged file with certainty.
        var problems = database.Problems();
        Print("integrity", problems.Count == 0 ? "ok" : string.Join("; ", problems));
        if (problems.Count > 0)
        {
            return false;
        }

        Print("schema", $"{database.Version}{Compare(database)}");
        Print("size", $"{FileSize.Format(database.Bytes)} ({FileSize.Format(database.FreeBytes)} free), log {FileSize.Format(database.LogBytes)}");
        foreach (var table in Tables)
        {
            if (database.Count(table) is { } rows)
            {
                Print(table, rows.ToString("N0", CultureInfo.InvariantCulture));
            }
        }

        return database.IsUsable;
    }

    private static string Compare(DatabaseFile database) =>
        database.Version == DatabaseFile.KnownVersion ? ""
        : database.Version < DatabaseFile.KnownVersion ? WillMigrate(DatabaseFile.KnownVersion)
        : database.IsUsable ? CanUse(DatabaseFile.KnownVersion)
        : $"; a newer version of Weft made it, and this one knows only up to {DatabaseFile.KnownVersion}";

    private static string WillMigrate(int known) => $"; this version of Weft migrates it to {known} when it starts";

    private static string CanUse(int known) => $"; a newer version of Weft made it, and this one ({known}) can use it";

    private static void Print(string name, string text) => Console.WriteLine($"{name,-12}{text}");
}
