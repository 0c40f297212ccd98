using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;
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
        services.TryAddSingleton(provider => MakeDatabase(provider, isShared: false));
        services.AddHostedService<PostgresOpening>();
        services.AddHostedService<DatabaseLockGuard>();
        services.TryAddSingleton<IStorageProbe, PostgresProbe>();
        services.TryAddSingleton<ICheckpointStore, PostgresCheckpointStore>();
        services.TryAddSingleton<IMessageStore, PostgresMessageStore>();
        services.TryAddSingleton<IStreamEventStore, PostgresStreamEventStore>();
        return services;
    }

    private static void AddOptions(IServiceCollection services, Action<PostgresStorageOptions> configure)
    {
        services.AddOptions<PostgresStorageOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresStorageOptions>, PostgresStorageOptionsValidation>());
    }

    private static PostgresDatabase MakeDatabase(IServiceProvider provider, bool isShared) => new(
        provider.GetRequiredService<IOptions<PostgresStorageOptions>>().Value,
        provider.GetService<ILogger<PostgresDatabase>>(),
        provider.GetService<StorageMetrics>(),
        provider.GetService<TimeProvider>(),
        isShared);
}
