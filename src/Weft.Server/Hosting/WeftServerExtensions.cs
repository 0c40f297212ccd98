using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Server;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Adds a Weft server to an application.</summary>
    public static class WeftServiceCollectionExtensions
    {
        /// <summary>Adds the server. Add graphs and a storage to the builder, and map the API with <c>app.MapWeft()</c>.</summary>
        public static WeftBuilder AddWeft(this IServiceCollection services, Action<WeftServerOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(services);
            // Before the runs, so that it stops after them: runs that end while the server stops have webhooks too.
            services.TryAddSingleton<ServerMetrics>();
            WebhookServices.AddTo(services);
            services.AddWeftRuns();
            services.TryAddSingleton(provider => new CronRequests(new RunSpecBuilder(
                Mount.Platform,
                provider.GetRequiredService<AssistantDirectory>(),
                provider.GetRequiredService<RunsOptions>(),
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider.GetRequiredService<WebhookAddresses>())));
            services.TryAddSingleton<ICronRequests>(provider => provider.GetRequiredService<CronRequests>());
            services.TryAddSingleton(provider => new Suggestions(
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<Suggestions>>()));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunObserver, ThreadTitles>(provider => new ThreadTitles(
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ThreadTitles>>())));
            services.TryAddSingleton(provider => new ServerSecret(provider.GetRequiredService<FeedbackFacade>()));
            services.TryAddSingleton(provider => new RunCursors(provider.GetRequiredService<ServerSecret>()));
            services.TryAddSingleton(provider => new FeedbackUrls(
                provider.GetRequiredService<ServerSecret>(),
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider.GetRequiredService<RunsOptions>(),
                provider.GetRequiredService<SharedClock>()));
            services.AddCors();
            RefusedCalls.AddTo(services);
            services.AddOpenApi(Openapi.DocumentName, Openapi.Configure);
            // Last, for an application without reflection: its own contracts win.
            services.PostConfigure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Add(DocumentJsonContext.Default));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, RoutePrecedence>());
            services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, CorsHeaders>());
            services.TryAddSingleton<AccessControl>();
            services.TryAddSingleton(provider => new RequestRate(provider.GetRequiredService<IOptions<WeftServerOptions>>().Value));
            services.TryAddSingleton(provider => new OpenStreams(
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value.StreamsPerActorMax));
            services.TryAddSingleton<AuditLog>();
            services.TryAddSingleton<WeftRoutes>();
            services.TryAddSingleton<OpenapiDocument>();
            services.TryAddSingleton(provider => new HostNames(
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider.GetRequiredService<IOptions<HostFilteringOptions>>().Value,
                provider.GetService<ApiKeyFilter>() is not null));
            services.TryAddSingleton(provider => new Origins(
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider.GetRequiredService<ICorsService>(),
                provider.GetRequiredService<ICorsPolicyProvider>()));
            services.AddOptions<WeftServerOptions>().ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WeftServerOptions>, WeftServerOptionsValidation>());
            if (configure is not null)
            {
                services.Configure(configure);
            }

            return new WeftBuilder(services);
        }

        /// <summary>
        /// Adds the server with options from <paramref name="configuration"/>: its sections <c>Runs</c>, <c>Server</c> and (for
        /// <c>UseSqlite</c>) <c>Sqlite</c> have the members of <see cref="RunsOptions"/>, <see cref="WeftServerOptions"/> and
        /// <c>SqliteStorageOptions</c>. The application does not start with a member that does not exist. Options that code sets
        /// win over configured ones.
        /// </summary>
        /// <example><c>builder.Services.AddWeft(builder.Configuration.GetSection("Weft"))</c></example>
        public static WeftBuilder AddWeft(
            this IServiceCollection services, IConfiguration configuration, Action<WeftServerOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configuration);
            // The code of Bind is generated for the type that it is called with, so one method can't bind both.
            services.Configure<RunsOptions>(options =>
            {
                var section = configuration.GetSection("Runs");
                OptionsKeys.Check<RunsOptions>(section);
                section.Bind(options);
            });
            services.Configure<WeftServerOptions>(options =>
            {
                var section = configuration.GetSection("Server");
                OptionsKeys.Check<WeftServerOptions>(section);
                OptionsKeys.Check<WebhookOptions>(section.GetSection(nameof(options.Webhooks)));
                section.Bind(options);
            });
            return new WeftBuilder(services.AddWeft(configure).Services, configuration);
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps the API of a Weft server.</summary>
    public static class WeftEndpointRouteBuilderExtensions
    {
        /// <summary>
        /// Maps the API below a prefix, by default at the root, and below <c>/api</c>, where <c>/api/threads</c> follows the rules
        /// of the older gateway. It also works in a group. Routes of the application win over those of the API that have the same path.
        /// </summary>
        /// <param name="endpoints">The application, or a group of it.</param>
        /// <param name="prefix">The prefix, such as <c>/agents</c>.</param>
        /// <returns>
        /// A builder that configures all endpoints of the API, as in <c>app.MapWeft().RequireAuthorization()</c>. <c>/ok</c>, <c>/info</c>
        /// and <c>/openapi.json</c> stay open.
        /// </returns>
        /// <exception cref="InvalidOperationException"><c>AddWeft</c> was not called, or no storage was added.</exception>
        public static IEndpointConventionBuilder MapWeft(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "")
        {
            ArgumentNullException.ThrowIfNull(endpoints);
            ArgumentNullException.ThrowIfNull(prefix);
            var services = endpoints.ServiceProvider;
            if (services.GetService<OpenapiDocument>() is null)
            {
                throw new InvalidOperationException("Call builder.Services.AddWeft() before app.MapWeft().");
            }

            if (services.GetService<IRunStore>() is null)
            {
                throw new InvalidOperationException(
                    "Weft has no storage. Reference a storage package and call its Use... method on the builder that AddWeft() returns.");
            }

            var options = services.GetRequiredService<IOptions<WeftServerOptions>>().Value;
            // A login with cookies sends pages to its form. A client of the API gets the status instead.
            var group = endpoints.MapGroup(prefix).WithGroupName(Openapi.DocumentName).DisableCookieRedirect();
            group.AddEndpointFilter(new ActorFilter(options));
            group.AddEndpointFilter(
                new BrowserFilter(services.GetRequiredService<HostNames>(), services.GetRequiredService<Origins>(), options));
            if (services.GetService<ApiKeyFilter>() is { } keys)
            {
                group.AddEndpointFilter(keys);
            }

            new MountEndpoints(Mount.Platform with { Path = new() }, services).Map(group);
            if (options.ServesGateway)
            {
                new MountEndpoints(Mount.Gateway with { Path = new() }, services).Map(group);
                // The prefixes that proxies in front of the older gateway rewrote to /api (docs/protocol/README.md A1).
                foreach (var older in (ReadOnlySpan<string>)["/api/langgraph", "/api/langgraph-compat"])
                {
                    new MountEndpoints(Mount.Gateway with { Path = new(), Prefix = older, IsDescribed = false }, services).Map(group);
                }
            }

            group.MapMethods("/openapi.json", Verbs.Read, (Delegate)services.GetRequiredService<OpenapiDocument>().WriteAsync)
                .WithMetadata(WeftEndpoint.Route, OpenRoute.Instance).ExcludeFromDescription();
            return group;
        }
    }
}
