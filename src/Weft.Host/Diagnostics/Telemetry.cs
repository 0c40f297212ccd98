using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Weft.Graphs;

namespace Weft.Host.Diagnostics;

/// <summary>What the server reports about itself: health, metrics, and all signals by OTLP if an endpoint is configured.</summary>
internal static class Telemetry
{
    public const string ServiceName = "weft";
    public const string MetricsPath = "/metrics";

    /// <summary>Each names an endpoint: https://opentelemetry.io/docs/specs/otel/protocol/exporter/.</summary>
    private static readonly string[] Endpoints =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    public static string[] Meters { get; } =
        [WeftTelemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    public static string[] Sources { get; } = [WeftTelemetry.Name, "Microsoft.AspNetCore", "System.Net.Http"];

    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddWeft();
        if (Endpoints.Any(endpoint => !string.IsNullOrEmpty(builder.Configuration[endpoint])))
        {
            OtlpExport.Add(builder);
        }
    }

    public static void Map(WebApplication app)
    {
        PrometheusEndpoint.Map(app, MetricsPath);
        foreach (var tag in (string[])["live", "ready", "started"])
        {
            app.MapHealthChecks($"/health/{tag}", new HealthCheckOptions { Predicate = check => check.Tags.Contains(tag) });
        }
    }
}
