using Microsoft.Data.Sqlite;

namespace Weft.Host.Commands;

/// <summary>The command that copies the database of a server, which may be running, and checks the copy.</summary>
internal static class BackupCommand
{
    public const string Name = "backup";

    private const string Help = """
        Usage: weft backup <file> [options]

        Copies the database into a new file, in one consistent state, and checks the copy. The server may be running. To restore
        it, stop the server and replace weft.db by the copy, without weft.db-wal and weft.db-shm.

        Options:
          --data <folder>         The data folder of the server. Default: .weft
          -h, --help              Print this text.

        Other settings are read as the server reads them. For PostgreSQL, use pg_dump.
        """;

    /// <summary>Runs the command. Returns the exit code.</summary>
    /// <param name="arguments">The arguments after the name of the command.</param>
    /// <param name="configured">Gets the settings as soon as they are read.</param>
    /// <exception cref="CommandLineException">An argument is wrong, or the file can't be copied.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Action<IConfiguration> configured)
    {
        if (arguments.Count == 0 || Command.AsksForHelp(arguments))
        {
            Console.WriteLine(Help);
            return 0;
        }

        var (target, settings) = Parse(arguments);
        var configuration = Settings.CreateBuilder(settings).Configuration;
        configured(configuration);
        if (HostDatabase.FindPostgres(configuration) is not null)
        {
            throw new CommandLineException("The data is in PostgreSQL. Use pg_dump, as docs/operations.md shows.");
        }

        using var database = DatabaseFile.Open(DataFolder.FindDatabase(configuration, creates: false));
        var problems = Copy(database, Path.GetFullPath(target));
        if (problems.Count > 0)
        {
            await Console.Error.WriteLineAsync($"The copy is damaged, and was removed: {string.Join("; ", problems)}");
            return 1;
        }

        Console.WriteLine($"Copied {database.Path} to {target}: {FileSize.Format(new FileInfo(target).Length)}, integrity ok.");
        return 0;
    }

    /// <summary>Returns the file to write, and the settings.</summary>
    /// <exception cref="CommandLineException">An argument is wrong.</exception>
    public static (string Target, IReadOnlyList<string> Settings) Parse(IReadOnlyList<string> arguments) =>
        arguments is [var target, ..] && !target.StartsWith('-')
            ? (target, CommandLine.Parse([.. arguments.Skip(1)]).Settings)
            : throw new CommandLineException("backup needs the file to write: weft backup <file>.");

    /// <summary>Writes the copy under another name until it is complete and checked. Returns what is damaged.</summary>
    private static IReadOnlyList<string> Copy(DatabaseFile database, string target)
    {
        if (File.Exists(target))
        {
            throw new CommandLineException($"The file '{target}' exists.");
        }

        var unfinished = target + ".unfinished";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Delete(unfinished);
            // Who may read the database may read the copy, and nobody else.
            using (new FileStream(unfinished, ModeOf(database.Path)))
            {
            }

            database.CopyTo(unfinished);
            IReadOnlyList<string> problems;
            using (var copy = DatabaseFile.Open(unfinished))
            {
                problems = copy.Problems();
            }

            if (problems.Count == 0)
            {
                File.Move(unfinished, target);
            }

            return problems;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new CommandLineException($"The file '{target}' can't be written: {e.Message}");
        }
        finally
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Delete(unfinished + suffix);
            }
        }
    }

    private static FileStreamOptions ModeOf(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.GetUnixFileMode(path);
        }

        return options;
    }
}
