using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Server;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Adds a Weft server to an application.</summary>
    public static class WeftServiceCollectionExtensions
    {
        /// <summary>Adds the server. Give the builder graphs and a storage, and map the API with <c>app.MapWeft()</c>.</summary>
        public static WeftBuilder AddWeft(this IServiceCollection services, Action<WeftServerOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(services);
            // Before the runs, so that it stops after them: those that end while the server stops have webhooks too.
            services.AddHttpClient(WebhookSender.ClientName).RemoveAllLoggers();
            services.TryAddSingleton<WebhookSender>();
            services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunObserver, WebhookObserver>());
            services.AddWeftRuns();
            services.AddCors();
            services.AddOpenApi(Openapi.DocumentName, Openapi.Configure);
            services.AddOptions<WeftServerOptions>()
                .Validate(options => options is { RequestBodyBytesMax: > 0, PageSizeMax: > 0, BatchRunsMax: > 0, WebhookAttemptsMax: > 0, QueuedWebhooksMax: > 0 } && options.HeartbeatInterval > TimeSpan.Zero && options.WebhookTimeout > TimeSpan.Zero, "Every limit of Weft's server is greater than 0.")
                .ValidateOnStart();
            if (configure is not null)
            {
                services.Configure(configure);
            }

            services.TryAddSingleton(provider => new ServerContext(
                provider.GetRequiredService<RunsFacade>(),
                provider.GetRequiredService<ThreadsFacade>(),
                provider.GetRequiredService<AssistantDirectory>(),
                provider.GetRequiredService<ItemsFacade>(),
                provider.GetRequiredService<RunSpecBuilder>(),
                provider.GetRequiredService<IOptions<WeftServerOptions>>().Value,
                provider.GetRequiredService<IHostApplicationLifetime>(),
                provider.GetRequiredService<TimeProvider>()));
            return new WeftBuilder(services);
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps the API of a Weft server.</summary>
    public static class WeftEndpointRouteBuilderExtensions
    {
        private static readonly string[] ExposedHeaders = ["Content-Location", "Location", "X-Pagination-Total", "X-Pagination-Next", "x-request-id"];

        /// <summary>Maps the API at the root and below <c>/api</c>, where <c>/api/threads</c> follows the contract file.</summary>
        /// <exception cref="InvalidOperationException"><c>AddWeft</c> was not called, or no storage was added.</exception>
        public static IEndpointRouteBuilder MapWeft(this IEndpointRouteBuilder endpoints)
        {
            ArgumentNullException.ThrowIfNull(endpoints);
            var services = endpoints.ServiceProvider;
            if (services.GetService<RunSpecBuilder>() is null)
            {
                throw new InvalidOperationException("Call builder.Services.AddWeft() before app.MapWeft().");
            }

            if (services.GetService<IRunStore>() is null)
            {
                throw new InvalidOperationException("Weft has no storage: call UseSqlite(path) on what AddWeft() returns.");
            }

            var context = services.GetRequiredService<ServerContext>();
            if (endpoints is IApplicationBuilder app)
            {
                app.UseCors(policy => ConfigureCors(policy, context.Options));
                app.Use(NoSuchRoute.InvokeAsync);
            }

            Map(endpoints, Mount.Platform, context);
            Map(endpoints, Mount.Contract, context);
            // The prefixes that proxies in front of the older gateway rewrote to /api (protocol, section A1).
            Map(endpoints, Mount.Contract with { Prefix = "/api/langgraph", IsDescribed = false }, context);
            Map(endpoints, Mount.Contract with { Prefix = "/api/langgraph-compat", IsDescribed = false }, context);
            endpoints.MapOpenApi("/openapi.json").WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).ExcludeFromDescription();
            return endpoints;
        }

        private static void Map(IEndpointRouteBuilder endpoints, Mount mount, ServerContext context)
        {
            var group = endpoints.MapGroup(mount.Prefix);
            if (!mount.IsDescribed)
            {
                group.ExcludeFromDescription();
            }

            group.AddEndpointFilter(new ProblemFilter(mount));
            // Stateless runs of the platform keep its defaults also below /api; the contract file has its own at /api/threads/runs.
            new RunEndpoints(mount, context).Map(group);
            new StatelessRunEndpoints(mount with { Defaults = RunDefaults.Platform, IsContract = false }, context).Map(group, "/runs");
            if (mount.IsContract)
            {
                new StatelessRunEndpoints(mount, context).Map(group, "/threads/runs");
            }

            new ThreadEndpoints(mount, context).Map(group);
            new ThreadStateEndpoints(mount, context).Map(group);
            new ThreadStreamEndpoints(mount, context).Map(group);
            new AssistantEndpoints(context).Map(group);
            new GraphEndpoints(context).Map(group);
            new ItemEndpoints(context).Map(group);
            new SystemEndpoints(context).Map(group);
        }

        private static void ConfigureCors(CorsPolicyBuilder policy, WeftServerOptions options)
        {
            policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(ExposedHeaders);
            if (options.CorsOrigins.Count == 0)
            {
                policy.AllowAnyOrigin();
            }
            else
            {
                policy.WithOrigins([.. options.CorsOrigins]).AllowCredentials();
            }
        }
    }
}
