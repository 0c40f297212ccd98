using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Weft.Host.Commands;

/// <summary>The command that runs the project of the current folder, and again after each change of its sources.</summary>
internal static class DevCommand
{
    public const string Name = "dev";

    private const string Help = """
        Usage: weft dev [--project <file>] [-- <arguments>]

        Runs the project in the current folder by 'dotnet watch run': changes are applied while it runs, or it starts again.

        Options:
          --project <file>        The project, if the folder does not have exactly one.
          -- <arguments>          Arguments for the program, such as: -- --urls http://localhost:5005
          -h, --help              Print this text.
        """;

    private const string ProjectFlag = "--project";

    /// <summary>Runs the command. Returns the exit code of the program.</summary>
    /// <exception cref="CommandLineException">An argument is wrong, or the folder has no project.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (Command.AsksForHelp([.. arguments.TakeWhile(argument => argument != "--")]))
        {
            Console.WriteLine(Help);
            return 0;
        }

        var (project, passed) = Parse(arguments);
        var start = new ProcessStartInfo("dotnet", Arguments(project ?? FindProject(Directory.GetCurrentDirectory()), passed));
        // A change that can't be applied starts the program again instead of asking in the terminal.
        start.Environment["DOTNET_WATCH_RESTART_ON_RUDE_EDIT"] = "true";
        using var process = Process.Start(start)!;
        // Ctrl+C reaches the program too, as a process of the same terminal. Other signals are passed on by ending it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            process.Kill(entireProcessTree: true);
        });
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Returns the project, if one is named, and the arguments for the program.</summary>
    /// <exception cref="CommandLineException">An argument is wrong.</exception>
    public static (string? Project, IReadOnlyList<string> Passed) Parse(IReadOnlyList<string> arguments)
    {
        string[] own = [.. arguments.TakeWhile(argument => argument != "--")];
        string[] passed = [.. arguments.Skip(own.Length + 1)];
        return own switch
        {
            [] => (null, passed),
            [ProjectFlag, var file] => (file, passed),
            [ProjectFlag] => throw new CommandLineException($"{ProjectFlag} needs a value."),
            _ => throw new CommandLineException(
                $"Unexpected argument '{own[0]}'. Arguments for the program come after '--': weft dev -- {string.Join(' ', own)}."),
        };
    }

    /// <summary>
    /// Returns the only project of the folder; or, if it has none, the only one that is not a test in a folder below, or below <c>src</c>.
    /// </summary>
    /// <exception cref="CommandLineException">There is none, or there are several.</exception>
    public static string FindProject(string folder)
    {
        string[] found = [.. ProjectsIn(folder)];
        if (found.Length == 0)
        {
            string[] parents = [folder, Path.Combine(folder, "src")];
            found =
            [
                .. parents.Where(Directory.Exists)
                    .SelectMany(parent => Directory.EnumerateDirectories(parent))
                    .SelectMany(ProjectsIn)
                    .Where(file => !Path.GetFileNameWithoutExtension(file).EndsWith("Tests", StringComparison.OrdinalIgnoreCase))
                    .Order(StringComparer.Ordinal),
            ];
        }

        return found switch
        {
            [var only] => only,
            [] => throw new CommandLineException(
                $"There is no project in '{folder}'. 'dotnet new weft' creates one (dotnet new install Weft.Templates), "
                + "and 'weft' alone starts a server with two built-in assistants."),
            _ => throw new CommandLineException(
                $"There are several projects: {string.Join(", ", found.Select(file => Path.GetRelativePath(folder, file)))}. "
                + $"Name one with {ProjectFlag}."),
        };
    }

    /// <summary>The arguments for <c>dotnet</c>.</summary>
    public static IReadOnlyList<string> Arguments(string project, IReadOnlyList<string> passed) =>
        ["watch", "--project", project, "run", .. passed.Count == 0 ? (string[])[] : ["--", .. passed]];

    private static IEnumerable<string> ProjectsIn(string folder) =>
        Directory.EnumerateFiles(folder, "*.*proj").Where(file => Path.GetExtension(file) is ".csproj" or ".fsproj" or ".vbproj");
}
