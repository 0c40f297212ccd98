using System.Globalization;

namespace Weft.Storage.Sqlite;

/// <summary>Brings the schema of a file up to date: numbered SQL files in order, each once, also when several servers start at once.</summary>
internal static class SqliteMigrations
{
    public static void Apply(SqliteSession session, string path)
    {
        var assembly = typeof(SqliteMigrations).Assembly;
        var migrations = assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => (Name: name, Version: VersionOf(name)))
            .OrderBy(migration => migration.Version)
            .ToList();
        // The write lock is taken before the version is read: who comes second finds the work done.
        session.Run("BEGIN IMMEDIATE");
        try
        {
            session.Run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY)");
            var current = Convert.ToInt32(session["SELECT COALESCE(MAX(version), 0) FROM schema_version"].Scalar(), CultureInfo.InvariantCulture);
            if (current > migrations[^1].Version)
            {
                throw new InvalidOperationException(
                    $"The database '{path}' has schema version {current}; this program knows versions up to {migrations[^1].Version}. Use the newer program, or another file.");
            }

            foreach (var (name, version) in migrations.Where(migration => migration.Version > current))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                session.Run(reader.ReadToEnd());
                session["INSERT INTO schema_version (version) VALUES ($1)"].Execute(version);
            }

            session.Run("COMMIT");
        }
        catch
        {
            session.Run("ROLLBACK");
            throw;
        }
    }

    /// <summary>The number that a file's name begins with, as in <c>….Migrations.0001_initial.sql</c>.</summary>
    private static int VersionOf(string name)
    {
        var file = name.Split('.')[^2];
        return int.Parse(file.AsSpan(0, file.IndexOf('_', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
    }
}
