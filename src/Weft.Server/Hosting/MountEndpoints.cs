using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Creates and maps the endpoints of one mount.</summary>
internal sealed class MountEndpoints(Mount mount, IServiceProvider services)
{
    private readonly WeftServerOptions _options = services.GetRequiredService<IOptions<WeftServerOptions>>().Value;
    private readonly RunsFacade _runs = services.GetRequiredService<RunsFacade>();
    private readonly ThreadsFacade _threads = services.GetRequiredService<ThreadsFacade>();
    private readonly AccessControl _access = services.GetRequiredService<AccessControl>();
    private readonly AuditLog _audit = services.GetRequiredService<AuditLog>();
    private readonly RequestRate _rate = services.GetRequiredService<RequestRate>();
    private readonly OpenStreams _streams = services.GetRequiredService<OpenStreams>();
    private readonly AssistantDirectory _assistants = services.GetRequiredService<AssistantDirectory>();
    private readonly ServerStop _stop = new(
        services.GetRequiredService<IHostApplicationLifetime>(), services.GetService<IRequestDrain>());

    private RunWaits Waits => new(_runs, _options, _stop, services.GetRequiredService<TimeProvider>());

    private ReplyReader Replies => new(
        _runs, _options, services.GetRequiredService<ServerMetrics>(), _stop, services.GetRequiredService<TimeProvider>());

    private JsonRpcMethods Methods => new(_access, _audit, _options);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        new UnknownRoutes(mount, services.GetRequiredService<WeftRoutes>(), _options).Map(endpoints.MapGroup(mount.Prefix));
        var group = endpoints.MapGroup(mount.Prefix).WithMetadata(WeftEndpoint.Route);
        if (!mount.IsDescribed)
        {
            group.ExcludeFromDescription();
        }

        AddFilters(group);

        MapRuns(group);
        new RunEventEndpoints(mount, _runs, _options).Map(group);
        new RunTimelineEndpoints(mount, _runs).Map(group);
        new ThreadUsageEndpoints(mount, _runs).Map(group);
        MapFeedback(group);
        new ThreadEndpoints(mount, _threads, _options).Map(group);
        var states = services.GetRequiredService<ThreadStates>();
        new ThreadStateEndpoints(mount, states, _options).Map(group);
        new ThreadStorageEndpoints(mount, states).Map(group);
        var edits = new StateUpdateEvents(mount, states, services.GetRequiredService<ILogger<StateUpdateEvents>>());
        new ThreadStreamEndpoints(mount, _runs, _threads, edits, SseOf(mount)).Map(group);
        MapProtocol(group);
        MapAgUi(group);
        MapCrons(group);
        if (_options.ServesOpenAi)
        {
            MapOpenAi(group);
        }

        if (_options.ServesMcp)
        {
            MapMcp(group);
        }

        if (_options.ServesA2a)
        {
            MapA2a(group);
        }

        var assistants = services.GetRequiredService<AssistantsFacade>();
        var limits = services.GetRequiredService<RunsOptions>();
        new AssistantEndpoints(assistants, limits, _options, services.GetRequiredService<TimeProvider>()).Map(group);
        new AssistantVersionEndpoints(assistants, _options).Map(group);
        new GraphEndpoints(assistants).Map(group);
        new ItemEndpoints(services.GetRequiredService<ItemsFacade>(), _options).Map(group);
        new WebhookEndpoints(mount, services.GetRequiredService<WebhooksFacade>(), _options).Map(group);
        new UiEndpoints(assistants, services.GetServices<UiBundle>(), _options).Map(group);
        MapOverview(group);
        new SystemEndpoints(services.GetRequiredService<RunsHealth>()).Map(group);
    }

    /// <summary>Adds what each call passes, in this order. A limit that is not set costs nothing.</summary>
    private void AddFilters(RouteGroupBuilder group)
    {
        group.AddEndpointFilter(new AuditFilter(_audit, mount.IsGateway));
        group.AddEndpointFilter(new ProblemFilter(mount));
        if (_rate.IsLimited)
        {
            group.AddEndpointFilter(new RateFilter(_rate, _options));
        }

        if (_access.HasRules)
        {
            group.AddEndpointFilter(new AccessFilter(_access, _options));
        }

        if (_streams.IsLimited)
        {
            group.AddEndpointFilter(new StreamFilter(_streams, _options));
        }
    }

    private void MapRuns(RouteGroupBuilder group)
    {
        new RunEndpoints(mount, _runs, _threads, ResponsesOf(mount), _options).Map(group);
        // Stateless runs of the platform keep its defaults also below /api; those at /api/threads/runs have the gateway's
        // (docs/protocol/gateway.md H1).
        var platform = mount with { Defaults = RunDefaults.Platform, IsGateway = false };
        new StatelessRunEndpoints(platform, _runs, ResponsesOf(platform), _options).Map(group, "/runs");
        if (mount.IsGateway)
        {
            new StatelessRunEndpoints(mount, _runs, ResponsesOf(mount), _options).Map(group, "/threads/runs");
        }
    }

    private void MapFeedback(RouteGroupBuilder group)
    {
        var feedback = services.GetRequiredService<FeedbackFacade>();
        new FeedbackScoreEndpoints(mount, _runs, feedback, services.GetRequiredService<FeedbackUrls>(), _options).Map(group);
        if (mount.IsGateway)
        {
            new FeedbackEndpoints(mount, _runs, feedback, _options).Map(group);
            new SuggestionEndpoints(mount, services.GetRequiredService<Suggestions>(), _options).Map(group);
        }
    }

    /// <summary>Maps what the server shows of all threads, and of itself.</summary>
    private void MapOverview(RouteGroupBuilder group)
    {
        var (feed, metrics) = (services.GetRequiredService<EventFeed>(), services.GetRequiredService<ServerMetrics>());
        var time = services.GetRequiredService<SharedClock>();
        new ThreadMessageEndpoints(mount, services.GetRequiredService<ThreadMessages>(), _options).Map(group);
        var cursors = services.GetRequiredService<RunCursors>();
        new RunSearchEndpoints(mount, services.GetRequiredService<RunOverview>(), cursors, _assistants, _options).Map(group);
        new FeedEndpoints(
            feed,
            services.GetRequiredService<IThreadStore>(),
            _options,
            metrics,
            services.GetRequiredService<IHostApplicationLifetime>(),
            time,
            services.GetService<IFeedSources>()).Map(group);
        new ServerStateEndpoints(
            services.GetRequiredService<RunsHealth>(),
            services.GetRequiredService<RunScheduler>(),
            services.GetRequiredService<RunBacklog>(),
            feed,
            metrics,
            services.GetRequiredService<RunsOptions>(),
            time,
            services.GetService<IStorageSpace>()).Map(group);
    }

    /// <summary>Maps the second protocol, which has no stateless runs.</summary>
    private void MapProtocol(RouteGroupBuilder group)
    {
        var states = services.GetRequiredService<ThreadStates>();
        var commands = new ThreadCommands(
            _runs,
            new RunCommands(SpecsOf(mount), _runs),
            new StateCommands(states, _options),
            new TreeCommand(_runs),
            _access,
            _audit);
        new CommandEndpoints(mount, commands, _options).Map(group);
        var metrics = services.GetRequiredService<ServerMetrics>();
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var time = services.GetRequiredService<TimeProvider>();
        new EventEndpoints(mount, _runs, new V2StreamWriter(_options, metrics, lifetime, time), _options).Map(group);
        new SocketEndpoints(mount, commands, _runs, _rate, _options, metrics, lifetime, time).Map(group);
    }

    /// <summary>Maps AG-UI, whose runs have the platform's defaults under every mount.</summary>
    private void MapAgUi(RouteGroupBuilder group)
    {
        var platform = mount with { Defaults = RunDefaults.Platform, IsGateway = false };
        var threads = new AgUiThreads(_threads, services.GetRequiredService<ThreadStates>());
        var writer = new AgUiStreamWriter(
            threads,
            _options,
            services.GetRequiredService<ServerMetrics>(),
            _stop,
            services.GetRequiredService<TimeProvider>());
        var assistants = services.GetRequiredService<AssistantsFacade>();
        new AgUiEndpoints(platform, assistants, SpecsOf(platform), _runs, threads, writer, _options).Map(group);
    }

    private void MapCrons(RouteGroupBuilder group) => new CronEndpoints(
        mount,
        services.GetRequiredService<CronsFacade>(),
        services.GetRequiredService<CronRequests>(),
        _threads,
        _assistants,
        _options,
        services.GetRequiredService<SharedClock>()).Map(group);

    /// <summary>Maps OpenAI's API. Its runs have the platform's defaults under both mounts, as stateless runs have them.</summary>
    private void MapOpenAi(RouteGroupBuilder group)
    {
        var models = new ChatModels(services.GetRequiredService<AssistantsFacade>(), _assistants, _options);
        var specs = new OpenAiSpecs(SpecsOf(mount with { Defaults = RunDefaults.Platform, IsGateway = false }), models);
        var stored = new StoredResponses(_runs, services.GetRequiredService<ThreadStates>());
        var turns = new ResponseTurns(mount, stored, _threads);
        new ModelEndpoints(models).Map(group);
        new ChatEndpoints(mount, specs, _runs, new ChatThread(_threads), Replies, _streams, _options).Map(group);
        new ResponseEndpoints(mount, turns, stored, specs, _runs, _threads, Replies, _streams, _options).Map(group);
    }

    /// <summary>Maps the assistants as tools of MCP. Their runs have the platform's defaults under both mounts.</summary>
    private void MapMcp(RouteGroupBuilder group)
    {
        var tools = new McpTools(services.GetRequiredService<AssistantsFacade>(), _assistants, _options);
        var platform = mount with { Defaults = RunDefaults.Platform, IsGateway = false };
        var calls = new McpToolCalls(
            platform,
            Methods,
            tools,
            SpecsOf(platform),
            _runs,
            Waits,
            _streams,
            services.GetRequiredService<TimeProvider>());
        new McpEndpoints(Methods, tools, calls).Map(group);
    }

    /// <summary>Maps the assistants as agents of A2A. Their runs have the platform's defaults under both mounts.</summary>
    private void MapA2a(RouteGroupBuilder group)
    {
        var assistants = services.GetRequiredService<AssistantsFacade>();
        var platform = mount with { Defaults = RunDefaults.Platform, IsGateway = false };
        var tasks = new A2aTasks(_runs, new StoredResponses(_runs, services.GetRequiredService<ThreadStates>()));
        new A2aEndpoints(
            platform,
            Methods,
            assistants,
            _assistants,
            new A2aTurns(assistants, SpecsOf(platform), _runs, _threads, tasks),
            tasks,
            new A2aTaskList(platform, services.GetRequiredService<RunOverview>(), tasks, services.GetRequiredService<RunCursors>()),
            _runs,
            Waits,
            Replies,
            _streams,
            _options).Map(group);
    }

    private RunSpecBuilder SpecsOf(Mount rules) => new(
        rules,
        _assistants,
        services.GetRequiredService<RunsOptions>(),
        _options,
        services.GetRequiredService<WebhookAddresses>(),
        services.GetRequiredService<ServerIdentity>());

    private RunResponses ResponsesOf(Mount rules) => new(
        rules,
        SpecsOf(rules),
        _runs,
        SseOf(rules),
        Waits,
        _options);

    private SseWriter SseOf(Mount rules) => new(
        rules,
        services.GetRequiredService<FeedbackUrls>(),
        _options,
        services.GetRequiredService<ServerMetrics>(),
        _stop,
        services.GetRequiredService<TimeProvider>());
}
