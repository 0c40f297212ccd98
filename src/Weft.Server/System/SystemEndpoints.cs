using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Health and self-description (docs/protocol/README.md B9).</summary>
internal sealed class SystemEndpoints(RunsHealth health)
{
    /// <summary>The version of the server.</summary>
    public static string Version { get; } = typeof(SystemEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>What the server has in addition to the platform (docs/protocol/weft.md 1).</summary>
    private static string[] Features { get; } =
    [
        "run_members", "run_search", "run_events", "queue", "usage", "scores", "feed", "thread_messages", "thread_preview",
        "server_state", "webhooks", "timeline",
    ];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var system = endpoints.MapGroup("").WithTags("System");
        system.MapMethods("/ok", Verbs.Read, (Delegate)OkAsync).WithMetadata(OpenRoute.Instance)
            .Reads(Parameters.Query(
                "check_db", "Whether to check the storage too.", Parameters.AnyOf(Parameters.Flag(), Parameters.Number(0, 1))))
            .Returns<HealthResource>().ReturnsProblem(422, 503).WithSummary("Check the health of the server");
        system.MapMethods("/info", Verbs.Read, (Delegate)InfoAsync).WithMetadata(OpenRoute.Instance)
            .Returns<InfoResource>().WithSummary("Get the version and features of the server");
    }

    private async Task OkAsync(HttpContext http)
    {
        if (Requests.ReadFlag(http, "check_db") ?? false)
        {
            await health.CheckStorageAsync(http.RequestAborted);
        }

        await JsonResponse.WriteAsync(http, 0, static (writer, _) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ok"u8, true);
            writer.WriteEndObject();
        });
    }

    private Task InfoAsync(HttpContext http) => JsonResponse.WriteAsync(http, 0, static (writer, _) =>
    {
        writer.WriteStartObject();
        writer.WriteString("version"u8, Version);
        writer.WriteString("context"u8, "dotnet"u8);
        writer.WriteStartObject("flags"u8);
        writer.WriteBoolean("assistants"u8, true);
        writer.WriteBoolean("crons"u8, true);
        writer.WriteBoolean("langsmith"u8, false);
        writer.WriteBoolean("strict_resume"u8, true);
        writer.WriteBoolean("stream_namespaces"u8, true);
        writer.WriteEndObject();
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("host"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("weft"u8);
        writer.WriteString("version"u8, Version);
        writer.WriteStartArray("features"u8);
        foreach (var feature in Features)
        {
            writer.WriteStringValue(feature);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
