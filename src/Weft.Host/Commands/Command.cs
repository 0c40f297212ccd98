using Weft.Host.Authentication;
using Weft.Host.Migration;

namespace Weft.Host.Commands;

/// <summary>A command of the program. Without one, it is the server.</summary>
/// <param name="Name">The first argument.</param>
/// <param name="RunAsync">
/// Runs it with the arguments after its name. Gives the settings to the second parameter as soon as they are read, and returns the exit
/// code.
/// </param>
internal sealed record Command(string Name, Func<IReadOnlyList<string>, Action<IConfiguration>, Task<int>> RunAsync)
{
    private static readonly Command[] All =
    [
        new(DevCommand.Name, static (arguments, _) => DevCommand.RunAsync(arguments)),
        new(KeysCommand.Name, KeysCommand.RunAsync),
        new(BackupCommand.Name, BackupCommand.RunAsync),
        new(CheckCommand.Name, CheckCommand.RunAsync),
        new(OpenApiCommand.Name, OpenApiCommand.RunAsync),
        new(MigrateCommand.Name, static (arguments, _) => MigrateCommand.RunAsync(arguments)),
    ];

    /// <summary>Returns the command; null if there is none of this name.</summary>
    public static Command? Find(string name) => Array.Find(All, command => command.Name == name);

    /// <summary>Whether the arguments ask for help.</summary>
    public static bool AsksForHelp(IReadOnlyList<string> arguments) => arguments.Any(argument => argument is "--help" or "-h" or "-?");
}
