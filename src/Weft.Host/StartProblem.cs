using Microsoft.AspNetCore.Connections;
using Weft.Storage.Sqlite;

namespace Weft.Host;

/// <summary>What keeps the server from starting, where whoever starts it can do something about it.</summary>
internal static class StartProblem
{
    /// <summary>Returns one line that says what and what to do; null when it is none of these.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        DatabaseUnavailableException => $"{exception.Message} Another folder: --data <folder>.",
        IOException { InnerException: AddressInUseException } => $"{exception.Message.TrimEnd('.')}. Another address: --urls http://localhost:<port>.",
        DataFolderException => exception.Message,
        _ => null,
    };
}
