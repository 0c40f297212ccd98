using System.Globalization;
using Weft.Host.Commands;
using Weft.Runs;

namespace Weft.Host.Authentication;

/// <summary>The arguments of a command for API keys.</summary>
/// <param name="Verb">What to do: <c>create</c>, <c>list</c> or <c>revoke</c>; null to print the help.</param>
/// <param name="Id">The key to revoke: its id, or the key itself.</param>
/// <param name="Request">The key to create.</param>
/// <param name="Settings">The settings that the flags set, as <c>--key=value</c>.</param>
internal sealed record KeysCommandLine(string? Verb, string? Id, ApiKeyRequest? Request, IReadOnlyList<string> Settings)
{
    public const string Create = "create";
    public const string List = "list";
    public const string Revoke = "revoke";

    public const string Help = """
        Usage: weft keys create --name <name> --owner <user> [--permission <name>]... [--expires <time>] [options]
               weft keys list [options]
               weft keys revoke <id> [options]

        'create' prints the key, which is not stored and can't be shown again.

        Options:
          --name <name>           The purpose of the key, for people.
          --owner <user>          The user that calls with the key act for.
          --permission <name>     What calls with the key may do. Can be repeated.
          --expires <time>        When the key expires: 90d, 12h or 30m from now. Default: never.
          --data <folder>         The data folder of the server. Default: .weft
          --postgres <connection> The connection to PostgreSQL, if the server uses it.
          -h, --help              Print this text.

        The commands also work while the server is running. Other settings are read as the server reads them.
        """;

    private static readonly string[] Verbs = [Create, List, Revoke];
    private static readonly string[] Flags = ["--name", "--owner", "--permission", "--expires"];

    /// <exception cref="CommandLineException">An argument is unknown, or its value is missing or wrong.</exception>
    public static KeysCommandLine Parse(IReadOnlyList<string> arguments, TimeProvider time)
    {
        if (arguments.Count == 0 || Command.AsksForHelp(arguments))
        {
            return new KeysCommandLine(null, null, null, []);
        }

        var verb = arguments[0];
        if (!Verbs.Contains(verb))
        {
            throw new CommandLineException($"Unknown command 'keys {verb}'. The commands are {string.Join(", ", Verbs)}.");
        }

        var values = Flags.ToDictionary(flag => flag, _ => new List<string>());
        var others = new List<string>();
        for (var i = 1; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            if (verb == Create && values.TryGetValue(parts[0], out var list))
            {
                list.Add(parts is [_, var given] ? given
                    : i + 1 < arguments.Count ? arguments[++i] : throw new CommandLineException($"{parts[0]} needs a value."));
            }
            else
            {
                others.Add(arguments[i]);
            }
        }

        string? id = null;
        if (verb == Revoke)
        {
            id = others is [var first, ..] && !first.StartsWith('-')
                ? first
                : throw new CommandLineException("keys revoke needs the id of a key.");
            others.RemoveAt(0);
        }

        var settings = CommandLine.Parse(others).Settings;
        return new KeysCommandLine(verb, id, verb == Create ? RequestOf(values, time) : null, settings);
    }

    private static ApiKeyRequest RequestOf(Dictionary<string, List<string>> values, TimeProvider time) => new()
    {
        Name = Single(values, "--name") ?? throw new CommandLineException("keys create needs --name."),
        Owner = Single(values, "--owner") ?? throw new CommandLineException("keys create needs --owner."),
        Permissions = values["--permission"],
        ExpiresAt = Single(values, "--expires") is { } text ? time.GetUtcNow() + ReadTime(text) : null,
    };

    private static string? Single(Dictionary<string, List<string>> values, string flag) =>
        values[flag] switch
        {
            [] => null,
            [var value] => value,
            _ => throw new CommandLineException($"{flag} can be given once."),
        };

    private static TimeSpan ReadTime(string text)
    {
        const int DaysMax = 36_500;
        var hours = text is [.., var unit] ? unit switch { 'd' => 24, 'h' => 1, 'm' => 1 / 60.0, _ => 0 } : 0;
        return hours > 0
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0
            && number * hours <= DaysMax * 24.0
                ? TimeSpan.FromHours(number * hours)
                : throw new CommandLineException(
                    $"--expires must be a number of days, hours or minutes, such as 90d, 12h or 30m (was '{text}').");
    }
}
