using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Weft.Host.Diagnostics;

/// <summary>Sends traces, metrics and logs to a collector. The variables <c>OTEL_*</c> say where and how.</summary>
internal static class OtlpExport
{
    public static void Add(WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry();
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            telemetry.ConfigureResource(resource => resource.AddService(Telemetry.ServiceName));
        }

        telemetry
            .WithTracing(tracing => tracing.AddSource(Telemetry.Sources))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Meters))
            .WithLogging()
            .UseOtlpExporter();
    }
}
