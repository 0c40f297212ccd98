using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the life of runs to an application.</summary>
public static class RunsServiceCollectionExtensions
{
    /// <summary>Adds runs, threads and assistants. The stores and at least one <see cref="GraphRegistration"/> are to be added besides.</summary>
    public static IServiceCollection AddWeftRuns(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RunsOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunsOptions>, RunsOptionsValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new AssistantDirectory(provider.GetServices<GraphRegistration>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<RunSpecBuilder>();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<RunsOptions>>().Value);
        services.TryAddSingleton<ThreadGates>();
        services.TryAddSingleton<ThreadHeadCache>();
        services.TryAddSingleton<ThreadStandings>();
        services.TryAddSingleton<ThreadPruning>();
        services.TryAddSingleton<RunScheduler>();
        services.TryAddSingleton<RunDispatcher>();
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
        services.TryAddSingleton<RunEnding>();
        services.TryAddSingleton<RunCancellation>();
        services.TryAddSingleton<RunAdmission>();
        services.TryAddSingleton<RunRecovery>();
        services.TryAddSingleton<ItemsFacade>();
        services.TryAddSingleton(MakeExecutor);
        services.TryAddSingleton(provider => new RunsFacade(
            provider.GetRequiredService<IRunStore>(),
            provider.GetRequiredService<IRunEventStore>(),
            provider.GetRequiredService<ThreadStandings>(),
            provider.GetRequiredService<RunAdmission>(),
            provider.GetRequiredService<RunCancellation>(),
            provider.GetRequiredService<RunObservers>(),
            provider.GetRequiredService<RunRecovery>(),
            provider.GetRequiredService<RunDispatcher>(),
            provider.GetRequiredService<RunStreams>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new ThreadsFacade(
            provider.GetRequiredService<IThreadStore>(),
            provider.GetRequiredService<ICheckpointStore>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<RunsFacade>(),
            provider.GetRequiredService<ThreadPruning>(),
            provider.GetRequiredService<RunStreams>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<ThreadEdits>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider =>
        {
            provider.GetRequiredService<RunScheduler>().Execute = provider.GetRequiredService<RunExecutor>().ExecuteAsync;
            return ActivatorUtilities.CreateInstance<RunWorker>(provider);
        });
        services.AddHostedService<Sweeper>();
        return services;
    }

    private static RunExecutor MakeExecutor(IServiceProvider provider) => new(
        provider.GetRequiredService<IRunStore>(),
        provider.GetRequiredService<ICheckpointStore>(),
        provider.GetRequiredService<IStreamEventStore>(),
        provider.GetRequiredService<AssistantDirectory>(),
        provider.GetRequiredService<ThreadStandings>(),
        provider.GetRequiredService<ThreadHeadCache>(),
        provider.GetRequiredService<RunStreams>(),
        provider.GetRequiredService<RunDispatcher>(),
        provider.GetRequiredService<RunScheduler>(),
        provider.GetRequiredService<RunRecovery>(),
        provider.GetRequiredService<RunObservers>(),
        provider.GetRequiredService<ItemsFacade>(),
        provider.GetRequiredService<StopGuards>(),
        provider.GetRequiredService<RunsOptions>(),
        provider,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<RunExecutor>>());
}
