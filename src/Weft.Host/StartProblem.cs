using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Weft.Cluster;
using Weft.Host.Models;
using Weft.Models;
using Weft.Runs;
using Weft.Server;
using Weft.Storage.Postgres;
using Weft.Storage.Sqlite;

namespace Weft.Host;

/// <summary>What keeps the server from starting.</summary>
internal static class StartProblem
{
    private const string OtherFolder = "Another folder: --data <folder>.";
    private const string OtherAddress = "Another address: --urls http://localhost:<port>.";

    // By their names, so that the assemblies of PostgreSQL and of Orleans are not loaded.
    private static readonly Dictionary<string, string> Sections = new()
    {
        [nameof(RunsOptions)] = "Runs",
        [nameof(WeftServerOptions)] = "Server",
        [nameof(SqliteStorageOptions)] = "Sqlite",
        [nameof(PostgresStorageOptions)] = "Postgres",
        [nameof(ClusterOptions)] = "Cluster",
        [nameof(ItemIndexOptions)] = "Store",
        [nameof(WeftApiKeyOptions)] = "Auth:ApiKeys",
    };

    /// <summary>
    /// Returns one line that says what is wrong and, if known, what to do. With the log level Debug, the stack trace follows.
    /// </summary>
    public static string Describe(Exception exception, IConfiguration? configuration)
    {
        var message = exception.Message.TrimEnd('.');
        var text = exception switch
        {
            CommandLineException or SettingsException or ModelException or ModelConfigurationException => exception.Message,
            DatabaseUnavailableException when configuration?[Settings.PostgresConnection] is { Length: > 0 } => exception.Message,
            DatabaseUnavailableException or DataFolderException => $"{exception.Message} {OtherFolder}",
            OptionsValidationException options => DescribeOptions(options),
            IOException { InnerException: AddressInUseException } => $"{message}. {OtherAddress}",
            SocketException or FormatException =>
                $"Can't listen at {configuration?[WebHostDefaults.ServerUrlsKey]}: {message}. {OtherAddress}",
            InvalidDataException { InnerException: { } reason } => $"{message}: {reason.InnerException?.Message ?? reason.Message}",
            _ => $"Weft can't start: {exception.Message}",
        };
        // Some messages of the framework have several lines; the first one says what is wrong.
        var line = text.Split('\n')[0].TrimEnd();
        return configuration?["Logging:LogLevel:Default"] is "Debug" or "Trace" ? $"{line}{Environment.NewLine}{exception}" : line;
    }

    /// <summary>Prevents the framework from logging a failed start with its stack trace. Later failures are logged.</summary>
    public static void KeepFromLog(ILoggingBuilder logging, Func<bool> hasStarted)
    {
        foreach (var category in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"])
        {
            logging.AddFilter(category, level => level == LogLevel.Warning || (level > LogLevel.Warning && hasStarted()));
        }
    }

    /// <summary>Names options as their settings: Weft:Runs:AttemptsMax, not RunsOptions.AttemptsMax.</summary>
    private static string DescribeOptions(OptionsValidationException exception) =>
        Sections.TryGetValue(exception.OptionsType.Name, out var section)
        ? exception.Message.Replace($"{exception.OptionsType.Name}.", $"{Settings.Section}:{section}:", StringComparison.Ordinal)
        : exception.Message;
}
