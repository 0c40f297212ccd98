using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures a Weft server to keep its data in SQLite.</summary>
public static class SqliteBuilderExtensions
{
    /// <summary>
    /// Keeps all data in the SQLite file at <paramref name="path"/>, which is created if it is missing. If the builder
    /// has a configuration, its section <c>Sqlite</c> may set another path and the other options;
    /// <paramref name="configure"/> wins over both.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="path">The file; a relative path is relative to the application's content root.</param>
    /// <param name="configure">Sets options in code.</param>
    public static WeftBuilder UseSqlite(this WeftBuilder builder, string path, Action<SqliteStorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var section = builder.Configuration?.GetSection("Sqlite");
        builder.Services.AddWeftSqlite(options =>
        {
            options.Path = path;
            if (section is not null)
            {
                OptionsKeys.Check<SqliteStorageOptions>(section);
                section.Bind(options);
            }

            configure?.Invoke(options);
        });
        return builder;
    }

    /// <summary>
    /// Keeps all data in a SQLite file of this server's own, which is removed with its services: for tests and demonstrations. The next
    /// start begins with nothing.
    /// </summary>
    /// <remarks>
    /// It is a file, in the system's folder for temporary files, so that a test sees the transactions of the real storage. A process
    /// that is killed leaves it there. The section <c>Sqlite</c> of the configuration is not read.
    /// </remarks>
    /// <param name="builder">The server.</param>
    /// <param name="configure">Sets options in code, except the path.</param>
    public static WeftBuilder UseTemporarySqlite(this WeftBuilder builder, Action<SqliteStorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<TemporaryFolder>();
        builder.Services.AddWeftSqlite(options => configure?.Invoke(options));
        // The folder is made before the database, so it is disposed of after it.
        builder.Services.AddOptions<SqliteStorageOptions>()
            .PostConfigure<TemporaryFolder>(static (options, folder) => options.Path = Path.Combine(folder.Path, "weft.db"));
        return builder;
    }
}
