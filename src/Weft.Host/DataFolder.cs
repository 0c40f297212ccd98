namespace Weft.Host;

/// <summary>Where the server keeps its data.</summary>
internal static class DataFolder
{
    private const string Default = ".weft";

    /// <summary>
    /// Returns the path of the database: the one in the settings, or a file in the data folder, which is created if it is missing.
    /// </summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="creates">Whether to create a missing data folder.</param>
    /// <exception cref="DataFolderException">The folder can't be created.</exception>
    public static string FindDatabase(IConfiguration configuration, bool creates = true)
    {
        if (configuration[Settings.DatabasePath] is { Length: > 0 } database)
        {
            return Path.GetFullPath(database);
        }

        var path = configuration[Settings.Data] is { } folder && !string.IsNullOrWhiteSpace(folder) ? folder : Default;
        try
        {
            return Path.Combine(creates ? Directory.CreateDirectory(path).FullName : Path.GetFullPath(path), "weft.db");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The folder '{path}' can't be made: {e.Message}", e);
        }
    }
}

/// <summary>The data folder can't be created.</summary>
internal sealed class DataFolderException(string message, Exception inner) : Exception(message, inner);
