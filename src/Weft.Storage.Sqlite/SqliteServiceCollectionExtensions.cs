using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the data of a Weft server in one SQLite file.</summary>
public static class SqliteServiceCollectionExtensions
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

    /// <summary>Adds the stores. The file is opened with the first of them, and its migrations are applied then.</summary>
    public static IServiceCollection AddWeftSqlite(this IServiceCollection services, Action<SqliteStorageOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<SqliteStorageOptions>()
            .Configure(configure)
            .Validate(options => options.Path.Length > 0 && options.QueuedWritesMax > 0, "SQLite needs a Path, and a QueuedWritesMax greater than 0.")
            .ValidateOnStart();
        services.TryAddSingleton(provider => new SqliteDatabase(provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value));
        services.TryAddSingleton<IThreadStore, SqliteThreadStore>();
        services.TryAddSingleton<IRunStore, SqliteRunStore>();
        services.TryAddSingleton<ICheckpointStore, SqliteCheckpointStore>();
        services.TryAddSingleton<IRunEventStore, SqliteRunEventStore>();
        services.TryAddSingleton<IStreamEventStore, SqliteStreamEventStore>();
        return services;
    }
}
