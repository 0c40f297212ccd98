namespace Weft.Storage.Postgres.Tests;

/// <summary>Finds the programs of PostgreSQL.</summary>
internal static class PostgresPrograms
{
    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>The folder with <c>initdb</c> and <c>postgres</c>: that of <c>PG_BIN</c>, of the path or of Debian's packages.</summary>
    public static string Folder { get; } = Path.GetDirectoryName(Find("initdb"))!;

    /// <summary>Returns the path of a program.</summary>
    public static string Find(string name) =>
        Candidates().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            "The tests need PostgreSQL: apt-get install -y postgresql, or set PG_BIN or WEFT_TEST_POSTGRES.");

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("PG_BIN") is { Length: > 0 } given)
        {
            yield return given;
        }

        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var folder in path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }

        if (Directory.Exists(DebianFolder))
        {
            foreach (var folder in Directory.GetDirectories(DebianFolder).OrderByDescending(folder => folder, StringComparer.Ordinal))
            {
                yield return Path.Combine(folder, "bin");
            }
        }
    }
}
