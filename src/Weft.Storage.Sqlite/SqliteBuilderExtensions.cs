using Weft.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the data of a Weft server in SQLite.</summary>
public static class SqliteBuilderExtensions
{
    /// <summary>Keeps all data in the SQLite file at <paramref name="path"/>, which is made when it is missing.</summary>
    public static WeftBuilder UseSqlite(this WeftBuilder builder, string path, Action<SqliteStorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        builder.Services.AddWeftSqlite(options =>
        {
            options.Path = path;
            configure?.Invoke(options);
        });
        return builder;
    }
}
