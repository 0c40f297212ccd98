using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds runs, threads and assistants to an application.</summary>
public static class RunsServiceCollectionExtensions
{
    /// <summary>
    /// Adds runs, threads and assistants. The application also has to add storage and at least one
    /// <see cref="GraphRegistration"/>.
    /// </summary>
    public static IServiceCollection AddWeftRuns(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RunsOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunsOptions>, RunsOptionsValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SharedClock>();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<RunsOptions>>().Value);
        services.TryAddSingleton(provider => new AssistantDirectory(
            provider.GetServices<GraphRegistration>(),
            provider.GetRequiredService<SharedClock>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<SafeLogger<AssistantDirectory>>()));
        services.TryAddSingleton<AssistantFinder>();
        services.TryAddSingleton(provider => new AssistantsFacade(
            provider.GetRequiredService<IAssistantStore>(),
            provider.GetRequiredService<AssistantFinder>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<ThreadsFacade>(),
            provider.GetRequiredService<SharedClock>()));
        services.TryAddSingleton(provider => new ScanThreads(provider.GetRequiredService<RunsOptions>()));
        services.TryAddSingleton<EventFeed>();
        services.TryAddSingleton(provider => new ItemsFacade(
            provider.GetRequiredService<IItemStore>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<SharedClock>())
        {
            Search = provider.GetService<ItemRanking>(),
            Feed = provider.GetRequiredService<EventFeed>(),
        });
        services.TryAddSingleton(provider => new ApiKeysFacade(
            provider.GetRequiredService<IApiKeyStore>(), provider.GetRequiredService<SharedClock>()));
        services.TryAddSingleton(provider => new FeedbackFacade(
            provider.GetRequiredService<IFeedbackStore>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<SharedClock>()));
        AddTelemetry(services);
        AddThreads(services);
        AddExecution(services);
        AddSessions(services);
        AddCrons(services);
        AddWebhooks(services);
        services.AddHostedService<RunWorker>();
        // After the worker of runs, so that it stops before.
        services.AddHostedService<CronWorker>();
        services.AddHostedService<Sweeper>();
        return services;
    }

    private static void AddCrons(IServiceCollection services)
    {
        services.TryAddSingleton<CronSignal>();
        services.TryAddSingleton<CronFiring>();
        services.TryAddSingleton(provider => new CronsFacade(
            provider.GetRequiredService<ICronStore>(),
            provider.GetRequiredService<AssistantFinder>(),
            provider.GetRequiredService<RunPlanner>(),
            provider.GetRequiredService<CronSignal>(),
            provider.GetRequiredService<SharedClock>(),
            provider.GetService<ICronRequests>()));
    }

    private static void AddWebhooks(IServiceCollection services)
    {
        services.TryAddSingleton<WebhookSignal>();
        services.TryAddSingleton<RunWebhooks>();
        services.TryAddSingleton(provider => new WebhooksFacade(
            provider.GetRequiredService<IWebhookStore>(),
            provider.GetRequiredService<WebhookSignal>(),
            provider.GetRequiredService<SharedClock>()));
    }

    private static void AddTelemetry(IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(typeof(SafeLogger<>));
        services.TryAddSingleton<RunMetrics>();
        services.TryAddSingleton<RunTelemetry>();
        services.TryAddSingleton<NodeLogScope>();
        services.TryAddSingleton<StorageMetrics>();
        services.TryAddSingleton<RunsHealth>();
    }

    /// <summary>Adds the threads and their states.</summary>
    private static void AddThreads(IServiceCollection services)
    {
        services.TryAddSingleton<ThreadHeadCache>();
        services.TryAddSingleton<ThreadOutcomes>();
        services.TryAddSingleton<ThreadPruning>();
        services.TryAddSingleton<ThreadViews>();
        services.TryAddSingleton<ThreadValueSearch>();
        services.TryAddSingleton<ThreadEdits>();
        services.TryAddSingleton<ThreadCopies>();
        services.TryAddSingleton<ThreadMessages>();
        services.TryAddSingleton(provider => new ThreadStates(
            provider.GetRequiredService<IThreadStore>(),
            provider.GetRequiredService<ICheckpointStore>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<ThreadEdits>(),
            provider.GetRequiredService<ScanThreads>()));
        services.TryAddSingleton(provider => new ThreadsFacade(
            provider.GetRequiredService<IThreadStore>(),
            provider.GetRequiredService<IThreadHomes>(),
            provider.GetRequiredService<ThreadViews>(),
            provider.GetRequiredService<ThreadValueSearch>(),
            provider.GetRequiredService<ThreadEdits>(),
            provider.GetRequiredService<ThreadCopies>(),
            provider.GetRequiredService<ThreadPruning>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<EventFeed>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<SharedClock>()));
    }

    /// <summary>Adds what executes one run, from its plan to its streamed events.</summary>
    private static void AddExecution(IServiceCollection services)
    {
        services.TryAddSingleton<RunPlanner>();
        services.TryAddSingleton<RunGraphOptions>();
        services.TryAddSingleton<StopGuards>();
        services.TryAddSingleton<RunObservers>();
        services.TryAddSingleton<EarlierUsage>();
        services.TryAddSingleton<IRunExecutor, RunExecutor>();
        services.TryAddSingleton<RunScheduler>();
        services.TryAddSingleton(provider => new RunStreams(
            provider.GetRequiredService<IStreamEventStore>(),
            provider.GetRequiredService<ICheckpointStore>(),
            provider.GetRequiredService<ThreadHeadCache>(),
            provider.GetRequiredService<AssistantDirectory>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<SharedClock>()));
    }

    /// <summary>Adds the sessions of threads, and what admits, cancels, ends and takes over their runs.</summary>
    private static void AddSessions(IServiceCollection services)
    {
        services.TryAddSingleton<ServerIdentity>();
        services.TryAddSingleton<RunBacklog>();
        services.TryAddSingleton<RecoverySignal>();
        services.TryAddSingleton(provider => new ThreadClaims(
            provider.GetRequiredService<ServerIdentity>(), provider.GetService<IThreadHomeStore>()));
        services.TryAddSingleton<RunEnding>();
        services.TryAddSingleton<RunCancellation>();
        services.TryAddSingleton<RunTakeover>();
        services.TryAddSingleton<QuestionCheck>();
        services.TryAddSingleton<RunAdmission>();
        services.TryAddSingleton<SessionServices>();
        services.TryAddSingleton<ThreadSessions>();
        services.TryAddSingleton<RunRecovery>();
        services.TryAddSingleton<IThreadHomes, LocalHome>();
        services.TryAddSingleton<RunOutcomes>();
        services.TryAddSingleton<RunOverview>();
        services.TryAddSingleton(provider => new RunsFacade(
            provider.GetRequiredService<IRunStore>(),
            provider.GetRequiredService<IThreadStore>(),
            provider.GetRequiredService<ICheckpointStore>(),
            provider.GetRequiredService<IMessageStore>(),
            provider.GetRequiredService<IThreadHomes>(),
            provider.GetRequiredService<RunOutcomes>(),
            provider.GetRequiredService<RunStreams>(),
            provider.GetRequiredService<RunsOptions>(),
            provider.GetRequiredService<SharedClock>()));
    }
}
