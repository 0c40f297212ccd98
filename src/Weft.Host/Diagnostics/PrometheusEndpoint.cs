using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Weft.Host.Diagnostics;

/// <summary>
/// Serves the metrics in Prometheus' text format. Collecting begins right after the start, so that the start does not wait for
/// it, or with the first request for them.
/// </summary>
internal sealed class PrometheusEndpoint : IDisposable
{
    private readonly Lazy<RequestDelegate> _scrape;
    private IDisposable? _provider;
    private Task _opening = Task.CompletedTask;

    private PrometheusEndpoint(IApplicationBuilder app) => _scrape = new Lazy<RequestDelegate>(() => Open(app));

    public static void Map(WebApplication app, string path)
    {
        var endpoint = new PrometheusEndpoint(app);
        app.MapGet(path, http => endpoint._scrape.Value(http)).ExcludeFromDescription();
        app.Lifetime.ApplicationStarted.Register(() => endpoint._opening = Task.Run(() => endpoint._scrape.Value));
        app.Lifetime.ApplicationStopped.Register(endpoint.Dispose);
    }

    public void Dispose()
    {
        // The server may stop while collecting begins, which uses services that are disposed of next. If it fails, the requests
        // for metrics report that.
        Task.WaitAny(_opening);
        _provider?.Dispose();
    }

    private RequestDelegate Open(IApplicationBuilder app)
    {
        var provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(Telemetry.ServiceName))
            .AddMeter(Telemetry.Meters)
            .AddPrometheusExporter()
            .Build();
        _provider = provider;
        return app.New()
            .UseOpenTelemetryPrometheusScrapingEndpoint(
                provider, predicate: static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();
    }
}
