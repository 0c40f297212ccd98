using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers stores that keep Weft's data in a SQLite file.</summary>
public static class SqliteServiceCollectionExtensions
{
    /// <summary>Adds stores that share one SQLite file. Stores that are already registered are kept.</summary>
    /// <remarks>
    /// A relative path is relative to the application's content root. The file is opened and migrated to this version's
    /// schema when the host starts, or when a store is first used. It is closed with the service provider.
    /// </remarks>
    public static IServiceCollection AddWeftSqlite(this IServiceCollection services, Action<SqliteStorageOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, configure);
        services.TryAddSingleton(provider => MakeDatabase(provider, isShared: false));
        services.AddHostedService<SqliteOpening>();
        services.AddHostedService<DatabaseLockGuard>();
        services.TryAddSingleton<IStorageProbe, SqliteProbe>();
        services.TryAddSingleton<IStorageSpace, SqliteSpace>();
        services.TryAddSingleton<IThreadStore, SqliteThreadStore>();
        services.TryAddSingleton<IRunStore, SqliteRunStore>();
        services.TryAddSingleton<ICheckpointStore, SqliteCheckpointStore>();
        services.TryAddSingleton<IMessageStore, SqliteMessageStore>();
        services.TryAddSingleton<IAssistantStore, SqliteAssistantStore>();
        services.TryAddSingleton<IStreamEventStore, SqliteStreamEventStore>();
        services.TryAddSingleton<IItemStore, SqliteItemStore>();
        services.TryAddSingleton<IItemIndex>(provider => new SqliteItemIndex(
            provider.GetRequiredService<SqliteDatabase>(), provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value));
        services.TryAddSingleton<ICronStore, SqliteCronStore>();
        services.TryAddSingleton<IFeedbackStore, SqliteFeedbackStore>();
        services.TryAddSingleton<IWebhookStore, SqliteWebhookStore>();
        services.TryAddSingleton<IApiKeyStore, SqliteApiKeyStore>();
        return services;
    }

    /// <summary>
    /// Adds only the API keys of a SQLite file, for a program that manages them. A server may use the file at the same time.
    /// </summary>
    /// <remarks>
    /// The file is created or migrated if necessary, but not while a server uses it: then a file of another version can't be opened.
    /// </remarks>
    public static IServiceCollection AddWeftSqliteApiKeys(this IServiceCollection services, Action<SqliteStorageOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => MakeDatabase(provider, isShared: true));
        services.TryAddSingleton<IApiKeyStore, SqliteApiKeyStore>();
        services.TryAddSingleton<ApiKeysFacade>();
        return services;
    }

    private static void AddOptions(IServiceCollection services, Action<SqliteStorageOptions> configure)
    {
        services.AddOptions<SqliteStorageOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteStorageOptions>, SqliteStorageOptionsValidation>());
    }

    private static SqliteDatabase MakeDatabase(IServiceProvider provider, bool isShared)
    {
        var options = provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value;
        if (provider.GetService<IHostEnvironment>()?.ContentRootPath is { Length: > 0 } root)
        {
            options.Path = Path.GetFullPath(options.Path, root);
        }

        return new SqliteDatabase(
            options,
            provider.GetService<ILogger<SqliteDatabase>>(),
            provider.GetService<StorageMetrics>(),
            isShared,
            provider.GetService<ScanThreads>());
    }
}
