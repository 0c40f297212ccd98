namespace Weft.Host;

/// <summary>Where the server keeps what it stores.</summary>
internal static class DataFolder
{
    private const string Default = ".weft";

    /// <summary>Makes the folder, when it is not there, and returns the path of the database in it.</summary>
    public static string Open(string? folder) =>
        Path.Combine(Directory.CreateDirectory(string.IsNullOrWhiteSpace(folder) ? Default : folder).FullName, "weft.db");
}
