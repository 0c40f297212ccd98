using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;

namespace Weft.Server;

/// <summary>The state of the server, with how much of its limits is used (docs/protocol/weft.md 5).</summary>
internal sealed class ServerStateEndpoints(
    RunsHealth health,
    RunScheduler scheduler,
    RunBacklog backlog,
    EventFeed feed,
    ServerMetrics metrics,
    RunsOptions limits,
    TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/server", Verbs.Read, (Delegate)GetAsync).WithAccess(AccessResource.Server, Read).WithTags("Overview")
            .Returns<ServerStateResource>().WithSummary("Get the state of the server");

    private Task GetAsync(HttpContext http) => JsonResponse.WriteAsync(http, this, static (writer, endpoints) => endpoints.Write(writer));

    private void Write(Utf8JsonWriter writer)
    {
        var executing = scheduler.ExecutingCount;
        writer.WriteStartObject();
        writer.WriteString("version"u8, SystemEndpoints.Version);
        writer.Time("started_at"u8, _startedAt);
        writer.WriteBoolean("is_recovering"u8, !health.HasStarted);
        writer.WriteBoolean("is_stopping"u8, health.IsStopping);
        WriteGauge(writer, "executing_runs", executing, limits.ConcurrentRunsMax);
        WriteGauge(writer, "waiting_runs", Math.Max(0, backlog.Count - executing), limits.QueuedRunsMax);
        WriteGauge(writer, "feed_events", feed.Kept, limits.FeedEventsMax);
        WriteGauge(writer, "feed_readers", feed.Readers, null);
        WriteGauge(writer, "stream_readers", metrics.Readers, null);
        WriteGauge(writer, "memory_bytes", Environment.WorkingSet, null);
        writer.WriteEndObject();
    }

    private static void WriteGauge(Utf8JsonWriter writer, string name, long value, long? limit)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("value"u8, value);
        writer.Number("limit"u8, limit);
        writer.WriteEndObject();
    }
}
