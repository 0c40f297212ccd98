using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Weft.Host.Models;
using Weft.Runs;
using Weft.Server;
using Weft.Storage.Sqlite;

namespace Weft.Host;

/// <summary>What keeps the server from starting.</summary>
internal static class StartProblem
{
    private const string OtherFolder = "Another folder: --data <folder>.";
    private const string OtherAddress = "Another address: --urls http://localhost:<port>.";

    private static readonly Dictionary<Type, string> Sections = new()
    {
        [typeof(RunsOptions)] = "Runs",
        [typeof(WeftServerOptions)] = "Server",
        [typeof(SqliteStorageOptions)] = "Sqlite",
    };

    /// <summary>Returns one line that says what is wrong and, where it is known, what to do. Logging at level Debug adds the stack trace.</summary>
    public static string Describe(Exception exception, IConfiguration? configuration)
    {
        var line = exception switch
        {
            CommandLineException or SettingsException or ModelException => exception.Message,
            DatabaseUnavailableException or DataFolderException => $"{exception.Message} {OtherFolder}",
            OptionsValidationException options => DescribeOptions(options),
            IOException { InnerException: AddressInUseException } => $"{exception.Message.TrimEnd('.')}. {OtherAddress}",
            SocketException or FormatException => $"Can't listen at {configuration?[WebHostDefaults.ServerUrlsKey]}: {exception.Message.TrimEnd('.')}. {OtherAddress}",
            InvalidDataException { InnerException: { } reason } => $"{exception.Message.TrimEnd('.')}: {reason.InnerException?.Message ?? reason.Message}",
            _ => $"Weft can't start: {exception.Message}",
        };
        // Some messages of the framework have several lines; the first one says what is wrong.
        line = line.AsSpan().TrimEnd().ToString().Split('\n')[0].TrimEnd('\r');
        return configuration?["Logging:LogLevel:Default"] is "Debug" or "Trace" ? $"{line}{Environment.NewLine}{exception}" : line;
    }

    /// <summary>Keeps those from logging it at length who do; what goes wrong later they log.</summary>
    public static void KeepFromLog(ILoggingBuilder logging, Func<bool> hasStarted)
    {
        foreach (var category in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"])
        {
            logging.AddFilter(category, level => level == LogLevel.Warning || (level > LogLevel.Warning && hasStarted()));
        }
    }

    /// <summary>Options are named as the settings that they are read from: Weft:Runs:AttemptsMax, not RunsOptions.AttemptsMax.</summary>
    private static string DescribeOptions(OptionsValidationException exception) => Sections.TryGetValue(exception.OptionsType, out var section)
        ? exception.Message.Replace($"{exception.OptionsType.Name}.", $"{Settings.Section}:{section}:", StringComparison.Ordinal)
        : exception.Message;
}
