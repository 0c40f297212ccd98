using Microsoft.Extensions.Configuration;
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
}
