namespace Weft.Host;

/// <summary>The arguments of the program.</summary>
/// <param name="Text">The text to print instead of starting a server; null to start one.</param>
/// <param name="Settings">The settings that the flags set, as <c>--key=value</c>.</param>
internal sealed record CommandLine(string? Text, IReadOnlyList<string> Settings)
{
    private const string Help = """
        Usage: weft [options]
               weft <command> [options]

        Without a command, it starts a server with two built-in assistants.

        Commands:
          dev                     Run the project in the current folder, and again after each change.
          keys                    Create, list and revoke API keys.
          backup                  Copy the database of a server, which may be running.
          check                   Check the settings and the database.
          openapi                 Print the OpenAPI document.
          migrate                 Move the data of a file into PostgreSQL.
                                  'weft <command> --help' explains each of them.

        Options:
          --port <number>         Listen at http://localhost:<number>. Default: 8123.
          --urls <addresses>      Listen at these addresses, separated by ';'.
          --data <folder>         Keep the data in this folder. Default: .weft
          --postgres <connection> Keep the data in PostgreSQL instead, such as
                                  "Host=localhost;Database=weft;Username=weft"
          --cluster               Serve the data together with other servers of the same PostgreSQL.
          --silo-address <ip>     Where other servers of the cluster reach this one. Default: 127.0.0.1
          --silo-port <number>    The port for them. Default: one that is free.
          --gateway-port <number> The port for clients of Orleans. Default: none.
          --embeddings <source>   Search the store by meaning, with a model of: openai, local.
          --insecure              Serve other machines without authentication.
          --<section>:<key> <value>
                                  Any setting of Weft, Logging or Kestrel, such as
                                  --Weft:Runs:RunTimeout 00:10:00
          --version               Print the version.
          -h, --help              Print this text.

        Settings are also read from appsettings.json and from the environment, such as Weft__Data=/var/lib/weft.
        docs/operations.md lists all of them. The model: OPENAI_API_KEY, OPENAI_BASE_URL, WEFT_MODEL. Other providers, and
        several models: docs/models.md.
        """;

    private const string Version = "--version";
    private const string Port = "--port";
    private const string Urls = "--urls";

    private static readonly string[] HelpFlags = ["--help", "-h", "-?"];

    /// <summary>The flags that have a value, and the setting that each of them sets.</summary>
    private static readonly Dictionary<string, string> Flags =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [Port] = Port,
            [Urls] = Urls,
            ["--data"] = "--Weft:Data",
            ["--postgres"] = "--Weft:Postgres:ConnectionString",
            ["--embeddings"] = "--Weft:Embeddings",
            ["--silo-address"] = "--Weft:Cluster:Address",
            ["--silo-port"] = "--Weft:Cluster:SiloPort",
            ["--gateway-port"] = "--Weft:Cluster:GatewayPort",
        };

    /// <summary>The flags without a value, and the setting that each of them turns on.</summary>
    private static readonly Dictionary<string, string> Switches =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["--insecure"] = "--Weft:Insecure",
            ["--cluster"] = "--Weft:Cluster:Enabled",
        };

    private static readonly string[] Sections = ["Weft", "Logging", "Kestrel"];

    /// <exception cref="CommandLineException">An argument is unknown, or its value is missing or wrong.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            var flag = parts[0];
            if (HelpFlags.Contains(flag))
            {
                return new CommandLine(Help, []);
            }

            if (flag == Version)
            {
                return new CommandLine($"Weft {typeof(CommandLine).Assembly.GetName().Version?.ToString(3)}", []);
            }

            if (Switches.TryGetValue(flag, out var turnedOn))
            {
                settings[turnedOn] = parts is [_, var text] ? text : bool.TrueString;
                continue;
            }

            var setting = SettingOf(flag);
            var value = parts is [_, var given] ? given : i + 1 < arguments.Count && !IsFlag(arguments[i + 1]) ? arguments[++i] : "";
            settings[setting] = value.Length > 0 ? value : throw new CommandLineException($"{flag} needs a value.");
        }

        if (settings.Remove(Port, out var port))
        {
            if (settings.ContainsKey(Urls))
            {
                throw new CommandLineException($"{Port} and {Urls} can't be used together.");
            }

            settings[Urls] = ushort.TryParse(port, out var number)
                ? $"http://localhost:{number}"
                : throw new CommandLineException($"{Port} must be a number from 0 to 65535 (was '{port}').");
        }

        return new CommandLine(null, [.. settings.Select(setting => $"{setting.Key}={setting.Value}")]);
    }

    private static bool IsFlag(string argument) => argument.StartsWith("--", StringComparison.Ordinal);

    private static string SettingOf(string flag)
    {
        if (Flags.TryGetValue(flag, out var setting))
        {
            return setting;
        }

        if (!flag.StartsWith('-'))
        {
            throw new CommandLineException($"Unexpected argument '{flag}'.");
        }

        return flag.IndexOf(':') is > 2 and var colon && Sections.Contains(flag[2..colon], StringComparer.OrdinalIgnoreCase)
            ? flag
            : throw new CommandLineException($"Unknown option '{flag}'.{Suggest(flag)}");
    }

    private static string Suggest(string flag)
    {
        var nearest = Flags.Keys.Concat(Switches.Keys).Concat([.. HelpFlags[..1], Version]).MinBy(known => Distance(flag, known))!;
        return Distance(flag, nearest) <= 2 ? $" Did you mean '{nearest}'?" : "";
    }

    /// <summary>How many characters to insert, remove or replace to turn one text into the other.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(from[i - 1]) == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}

/// <summary>An argument of the program is wrong.</summary>
internal sealed class CommandLineException(string message) : Exception($"{message} See --help.");
