using Weft.Runs;

namespace Weft.Host;

/// <summary>Where the server keeps its data: in PostgreSQL if a connection is configured, else in a SQLite file.</summary>
internal static class HostDatabase
{
    /// <summary>Adds the stores. Returns the name of the database for people.</summary>
    /// <exception cref="SettingsException">Settings contradict each other.</exception>
    /// <exception cref="DataFolderException">The folder of the file can't be created.</exception>
    public static string Use(WeftBuilder weft, IConfiguration configuration)
    {
        if (FindPostgres(configuration) is { } connection)
        {
            return PostgresSetup.Use(weft, connection);
        }

        var path = DataFolder.FindDatabase(configuration);
        weft.UseSqlite(path);
        return path;
    }

    /// <summary>Returns the connection string of PostgreSQL; null if the data is in a file.</summary>
    /// <exception cref="SettingsException">Settings contradict each other.</exception>
    public static string? FindPostgres(IConfiguration configuration)
    {
        if (configuration[Settings.PostgresConnection] is not { } connection || string.IsNullOrWhiteSpace(connection))
        {
            var others = configuration.GetSection(Settings.Postgres).GetChildren()
                .Where(child => !child.Path.Equals(Settings.PostgresConnection, StringComparison.OrdinalIgnoreCase));
            return others.FirstOrDefault() is { } other
                ? throw new SettingsException($"{other.Path} has no effect, because {Settings.PostgresConnection} is not set.")
                : null;
        }

        var file = !string.IsNullOrWhiteSpace(configuration[Settings.Data]) ? Settings.Data
            : configuration.GetSection(Settings.Sqlite).GetChildren().FirstOrDefault()?.Path;
        return file is null
            ? connection
            : throw new SettingsException(
                $"{file} and {Settings.PostgresConnection} can't be used together: data is either in a folder or in PostgreSQL.");
    }
}
