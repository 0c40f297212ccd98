using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Storage;
using Weft.Storage.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers stores that keep Weft's data in PostgreSQL.</summary>
public static class PostgresServiceCollectionExtensions
{
    /// <summary>Adds stores that share one PostgreSQL database. Stores that are already registered are kept.</summary>
    /// <remarks>
    /// The database is opened and migrated to this version's schema when the host starts, or when a store is first used. It is
    /// closed with the service provider.
    /// </remarks>
    public static IServiceCollection AddWeftPostgres(this IServiceCollection services, Action<PostgresStorageOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, configure);
        services.TryAddSingleton<ServerIdentity>();
        services.TryAddSingleton(provider => MakeDatabase(
            provider, provider.GetService<ClusterMode>() is null ? DatabaseUse.Alone : DatabaseUse.Cluster));
        services.AddHostedService<PostgresOpening>();
        services.AddHostedService<DatabaseLockGuard>();
        services.TryAddSingleton<IStorageProbe, PostgresProbe>();
        services.TryAddSingleton<ISweepTurn, PostgresSweepTurn>();
        services.TryAddSingleton<IThreadStore, PostgresThreadStore>();
        services.TryAddSingleton<IRunStore, PostgresRunStore>();
        services.TryAddSingleton<IThreadHomeStore, PostgresThreadHomeStore>();
        services.TryAddSingleton<ICheckpointStore, PostgresCheckpointStore>();
        services.TryAddSingleton<IMessageStore, PostgresMessageStore>();
        services.TryAddSingleton<IStreamEventStore, PostgresStreamEventStore>();
        services.TryAddSingleton<IAssistantStore, PostgresAssistantStore>();
        services.TryAddSingleton<IItemStore, PostgresItemStore>();
        services.TryAddSingleton<IItemIndex>(MakeItemIndex);
        services.TryAddSingleton<ICronStore, PostgresCronStore>();
        services.TryAddSingleton<IFeedbackStore, PostgresFeedbackStore>();
        services.TryAddSingleton<IWebhookStore, PostgresWebhookStore>();
        services.TryAddSingleton<IApiKeyStore, PostgresApiKeyStore>();
        return services;
    }

    /// <summary>
    /// Adds only the API keys of a PostgreSQL database, for a program that manages them. A server may use the database at the same
    /// time.
    /// </summary>
    /// <remarks>
    /// The database is migrated if necessary, but not while a server uses it: then a database of another version can't be opened.
    /// </remarks>
    public static IServiceCollection AddWeftPostgresApiKeys(this IServiceCollection services, Action<PostgresStorageOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => MakeDatabase(provider, DatabaseUse.Guest));
        services.TryAddSingleton<IApiKeyStore, PostgresApiKeyStore>();
        services.TryAddSingleton<ApiKeysFacade>();
        return services;
    }

    private static void AddOptions(IServiceCollection services, Action<PostgresStorageOptions> configure)
    {
        services.AddOptions<PostgresStorageOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresStorageOptions>, PostgresStorageOptionsValidation>());
    }

    private static PostgresDatabase MakeDatabase(IServiceProvider provider, DatabaseUse use)
    {
        var options = provider.GetRequiredService<IOptions<PostgresStorageOptions>>().Value;
        return new PostgresDatabase(
            options,
            provider.GetService<ILogger<PostgresDatabase>>(),
            provider.GetService<StorageMetrics>(),
            provider.GetService<TimeProvider>(),
            use,
            provider.GetService<ServerIdentity>(),
            options.UseDatabaseClock ? provider.GetService<SharedClock>() : null);
    }

    private static PostgresItemIndex MakeItemIndex(IServiceProvider provider)
    {
        var database = provider.GetRequiredService<PostgresDatabase>();
        var options = provider.GetRequiredService<IOptions<PostgresStorageOptions>>().Value;
        var logger = new SafeLogger(provider.GetService<ILogger<VectorExtension>>() ?? NullLogger<VectorExtension>.Instance);
        return new PostgresItemIndex(
            database,
            new VectorExtension(database, logger),
            new VectorCache(options.CachedVectorsBytesMax),
            provider.GetService<ScanThreads>());
    }
}
