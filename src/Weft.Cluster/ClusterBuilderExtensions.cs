using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using ClusterOptions = Weft.Cluster.ClusterOptions;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Statistics;
using Weft.Cluster;
using Weft.Runs;
using Weft.Storage.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets several servers use one database.</summary>
public static class ClusterBuilderExtensions
{
    private const string ClusterId = "weft";

    // Whole answers of agents take minutes, and nobody waits for a server that stops.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(20);

    // Only placements of grains use the load of others, and the cluster has no grains.
    private static readonly TimeSpan LoadInterval = TimeSpan.FromHours(1);

    // Calls that wait answer after 10 seconds.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(14);

    /// <summary>
    /// Makes the server one of a cluster. All servers of the cluster use the same PostgreSQL database and serve the same graphs, and any
    /// of them answers any request. If the builder has a configuration, its section <c>Cluster</c> may set the options;
    /// <paramref name="configure"/> wins over it.
    /// </summary>
    /// <param name="builder">The server, which uses PostgreSQL.</param>
    /// <param name="configure">Sets options in code.</param>
    public static WeftBuilder UseCluster(this WeftBuilder builder, Action<ClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var section = builder.Configuration?.GetSection("Cluster");
        services.AddOptions<ClusterOptions>().Configure(options =>
        {
            if (section is not null)
            {
                OptionsKeys.Check<ClusterOptions>(section, "Enabled");
                section.Bind(options);
            }

            configure?.Invoke(options);
        }).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidation>());
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ClusterOptions>>().Value);
        services.TryAddSingleton<ClusterMode>();
        AddHomes(services);
        AddSilo(services);
        services.AddHostedService<ClusterWatch>();
        services.AddHostedService<RefusedServers>();
        services.AddHostedService<DatabaseWatch>();
        services.AddSingleton<ClusterDrain>();
        services.AddSingleton<IRequestDrain>(static provider => provider.GetRequiredService<ClusterDrain>());
        services.AddHostedService(static provider => provider.GetRequiredService<ClusterDrain>());
        services.AddOptions<HostOptions>().Configure<RunsOptions, ClusterOptions>(static (host, runs, cluster) =>
        {
            var least = cluster.StopDelay + runs.DrainTimeout + runs.StopGrace + StopMargin;
            host.ShutdownTimeout = host.ShutdownTimeout > least ? host.ShutdownTimeout : least;
        });
        // Before all other settings, so that each of them wins.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<RunsOptions>>(
            new ConfigureOptions<RunsOptions>(static runs => runs.DrainTimeout = DrainTimeout)));
        return builder;
    }

    private static void AddHomes(IServiceCollection services)
    {
        services.AddSingleton<LocalHome>();
        services.AddSingleton<ClusterMetrics>();
        services.AddSingleton<ServerDirectory>();
        services.AddSingleton<ServerCalls>();
        services.AddSingleton<CallHandler>();
        services.AddSingleton<RunLocator>();
        services.AddSingleton<ServerChoice>();
        services.AddSingleton<RememberedHomes>();
        services.AddSingleton<ThreadHandover>();
        services.AddSingleton<IMovedRuns, MovedRuns>();
        services.AddSingleton<RemoteRuns>();
        services.AddSingleton<Relays>();
        services.AddSingleton<RelaySenders>();
        services.AddSingleton<CopiedLogs>();
        services.AddSingleton(static provider =>
        {
            var ended = ActivatorUtilities.CreateInstance<EndedLogs>(provider);
            provider.GetRequiredService<RunStreams>().IsElsewhere = run => ended.ServerOf(run) is not null;
            return ended;
        });
        services.AddSingleton<OutlivingLogs>();
        services.AddSingleton<PublishedChanges>();
        services.AddSingleton<FeedSources>();
        services.AddSingleton<IFeedSources>(static provider => provider.GetRequiredService<FeedSources>());
        services.AddSingleton<FollowedThreads>();
        services.AddSingleton<ClusterHomes>();
        services.Replace(ServiceDescriptor.Singleton<IThreadHomes>(static provider => provider.GetRequiredService<ClusterHomes>()));
    }

    private static void AddSilo(IServiceCollection services)
    {
        var first = services.Count;
        services.AddOrleans(silo =>
        {
            silo.AddGrainService<ServerService>();
            silo.Services.AddSingleton<IMembershipTable, PostgresMembershipTable>();
            silo.Services.AddSingleton<IEnvironmentStatisticsProvider, UnmeasuredEnvironment>();
            // The membership dates its rows with DateTime.UtcNow, so it must not compare them with a clock of the application.
            silo.Services.AddKeyedSingleton(TimeProviderNames.Membership, TimeProvider.System);
            silo.Services.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ClusterId, ClusterId));
            silo.Services.Configure<SiloMessagingOptions>(static messaging => messaging.ResponseTimeout = CallTimeout);
            silo.Services.Configure<DeploymentLoadPublisherOptions>(static load => load.DeploymentLoadPublisherRefreshTime = LoadInterval);
            silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusterOptions>>(
                static (endpoint, options) => Configure(endpoint, options.Value));
            silo.Services.AddOptions<EndpointOptions>().PostConfigure(SiloPorts.Check);
            silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<ClusterOptions>>(
                static (membership, options) => Configure(membership, options.Value));
        });
        services.AddLogging(static logging => logging
            .AddFilter("Orleans", LogLevel.Error)
            .AddFilter(typeof(ServerService).FullName, LogLevel.Warning));
        MoveToFront(services, first);
    }

    /// <summary>
    /// Lets the silo start before everything else and stop last, because the server has no name among the others without it.
    /// </summary>
    private static void MoveToFront(IServiceCollection services, int first)
    {
        var added = services.Skip(first).Where(static service => service.ServiceType == typeof(IHostedService)).ToList();
        var at = services.TakeWhile(static service => service.ServiceType != typeof(IHostedService)).Count();
        foreach (var service in added)
        {
            services.Remove(service);
            services.Insert(at++, service);
        }
    }

    private static void Configure(EndpointOptions endpoint, ClusterOptions options)
    {
        var address = IPAddress.Parse(options.Address);
        endpoint.AdvertisedIPAddress = address;
        endpoint.SiloPort = options.SiloPort == 0 ? SiloPorts.FindFree(address) : options.SiloPort;
        endpoint.GatewayPort = options.GatewayPort;
        endpoint.SiloListeningEndpoint = new IPEndPoint(address, endpoint.SiloPort);
    }

    /// <summary>
    /// The bounds make a server that does not answer dead after three probes, also while this one is busy.
    /// </summary>
    private static void Configure(ClusterMembershipOptions membership, ClusterOptions options)
    {
        membership.ProbeTimeout = options.ProbeInterval;
        membership.MinProbeTimeout = options.ProbeInterval;
        membership.MaxProbeTimeout = options.ProbeInterval * 1.5;
        membership.NumMissedProbesLimit = 3;
        membership.NumVotesForDeathDeclaration = 2;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(15);
        // A server that starts does not wait for those that have said nothing for three times as long.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
        membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
    }
}
