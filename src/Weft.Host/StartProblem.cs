using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Weft.Host.Models;
using Weft.Storage.Sqlite;

namespace Weft.Host;

/// <summary>What keeps the server from starting, where whoever starts it can do something about it.</summary>
internal static class StartProblem
{
    private const string OtherFolder = "Another folder: --data <folder>.";
    private const string OtherAddress = "Another address: --urls http://localhost:<port>.";

    /// <summary>Returns one line that says what and what to do; null when it is none of these.</summary>
    public static string? Describe(Exception exception, string? addresses) => exception switch
    {
        DatabaseUnavailableException or DataFolderException => $"{exception.Message} {OtherFolder}",
        IOException { InnerException: AddressInUseException } => $"{exception.Message.TrimEnd('.')}. {OtherAddress}",
        SocketException or FormatException => $"Can't listen at {addresses}: {exception.Message.TrimEnd('.')}. {OtherAddress}",
        ModelException => exception.Message,
        _ => null,
    };

    /// <summary>Keeps those from logging it at length who do; what goes wrong later they log.</summary>
    public static void KeepFromLog(ILoggingBuilder logging, Func<bool> hasStarted)
    {
        foreach (var category in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"])
        {
            logging.AddFilter(category, level => level == LogLevel.Warning || (level > LogLevel.Warning && hasStarted()));
        }
    }
}
