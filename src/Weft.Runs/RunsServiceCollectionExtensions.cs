using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds runs, threads and assistants to an application.</summary>
public static class RunsServiceCollectionExtensions
{
    /// <summary>
    /// Adds runs, threads and assistants. The application also has to add the stores and at least one
    /// <see cref="GraphRegistration"/>.
    /// </summary>
    public static IServiceCollection AddWeftRuns(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RunsOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunsOptions>, RunsOptionsValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new AssistantDirectory(
            provider.GetServices<GraphRegistration>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<RunsOptions>>().Value);
        services.TryAddSingleton<ThreadHeadCache>();
        services.TryAddSingleton<ThreadOutcomes>();
        services.TryAddSingleton<ThreadPruning>();
        services.TryAddSingleton<IRunExecutor, RunExecutor>();
        services.TryAddSingleton<RunScheduler>();
        services.AddMetrics();
        services.TryAddSingleton(typeof(SafeLogger<>));
        services.TryAddSingleton<RunMetrics>();
        services.TryAddSingleton<RunTelemetry>();
        services.TryAddSingleton<StorageMetrics>();
        services.TryAddSingleton<RunsHealth>();
        services.TryAddSingleton(provider => new RunStreams(
            provider.GetRequiredService<IStreamEventStore>(),
            provider.GetRequiredService<ICheckpointStore>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<RunObservers>();
        services.TryAddSingleton<StopGuards>();
        services.TryAddSingleton<ThreadEdits>();
        services.TryAddSingleton<RunBacklog>();
        services.TryAddSingleton<RecoverySignal>();
        services.TryAddSingleton<RunPlanner>();
        services.TryAddSingleton<RunGraphOptions>();
        services.TryAddSingleton<RunEnding>();
        services.TryAddSingleton<RunCancellation>();
        services.TryAddSingleton<RunTakeover>();
        services.TryAddSingleton<RunAdmission>();
        services.TryAddSingleton<SessionServices>();
        services.TryAddSingleton<ThreadSessions>();
        services.TryAddSingleton<IThreadHomes, LocalHome>();
        services.TryAddSingleton<RunRecovery>();
        services.TryAddSingleton<ItemsFacade>();
        services.TryAddSingleton(provider => new RunsFacade(
            provider.GetRequiredService<IRunStore>(),
            provider.GetRequiredService<IRunEventStore>(),
            provider.GetRequiredService<IThreadHomes>(),
            provider.GetRequiredService<ThreadOutcomes>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new ThreadsFacade(
            provider.GetRequiredService<IThreadStore>(),
            provider.GetRequiredService<ICheckpointStore>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<IThreadHomes>(),
            provider.GetRequiredService<ThreadPruning>(),
            provider.GetRequiredService<RunStreams>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<ThreadEdits>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<RunWorker>();
        services.AddHostedService<Sweeper>();
        return services;
    }
}
