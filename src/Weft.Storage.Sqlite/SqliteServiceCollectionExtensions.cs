using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps Weft's data in a SQLite file.</summary>
public static class SqliteServiceCollectionExtensions
{
    /// <summary>Adds stores that share one SQLite file. Those that are registered already stay.</summary>
    /// <remarks>The file is opened, and brought to this version's schema, when the first store is asked for; it is closed with the service provider.</remarks>
    public static IServiceCollection AddWeftSqlite(this IServiceCollection services, Action<SqliteStorageOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<SqliteStorageOptions>()
            .Configure(configure)
            .Validate(options => !string.IsNullOrWhiteSpace(options.Path) && options.Path != ":memory:", "SqliteStorageOptions.Path names a file.")
            .Validate(options => options.QueuedWritesMax > 0, "SqliteStorageOptions.QueuedWritesMax is greater than 0.")
            .Validate(options => options.BusyTimeout >= TimeSpan.Zero, "SqliteStorageOptions.BusyTimeout is not negative.")
            .ValidateOnStart();
        services.TryAddSingleton(provider => SqliteDatabase.Open(
            provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value, provider.GetService<ILogger<SqliteDatabase>>()));
        services.TryAddSingleton<IStorageProbe, SqliteProbe>();
        services.TryAddSingleton<IThreadStore, SqliteThreadStore>();
        services.TryAddSingleton<IRunStore, SqliteRunStore>();
        services.TryAddSingleton<ICheckpointStore, SqliteCheckpointStore>();
        services.TryAddSingleton<IRunEventStore, SqliteRunEventStore>();
        services.TryAddSingleton<IStreamEventStore, SqliteStreamEventStore>();
        services.TryAddSingleton<IItemStore, SqliteItemStore>();
        return services;
    }
}
