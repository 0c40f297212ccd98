namespace Weft.Host;

/// <summary>Where the server keeps what it stores.</summary>
internal static class DataFolder
{
    private const string Default = ".weft";

    /// <summary>Makes the folder, when it is not there, and returns the path of the database in it.</summary>
    /// <exception cref="DataFolderException">It can't be made.</exception>
    public static string Open(string? folder)
    {
        var path = string.IsNullOrWhiteSpace(folder) ? Default : folder;
        try
        {
            return Path.Combine(Directory.CreateDirectory(path).FullName, "weft.db");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The folder '{path}' can't be made: {e.Message}", e);
        }
    }
}

/// <summary>There is no folder to keep data in.</summary>
internal sealed class DataFolderException(string message, Exception inner) : Exception(message, inner);
