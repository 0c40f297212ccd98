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
    SharedClock time,
    IStorageSpace? space)
{
    private readonly Lazy<DateTimeOffset> _startedAt = SharedClock.DeferNow(time);

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/server", Verbs.Read, (Delegate)GetAsync).WithAccess(AccessResource.Server, Read).WithTags("Overview")
            .Returns<ServerStateResource>().WithSummary("Get the state of the server");

    private async Task GetAsync(HttpContext http)
    {
        // A caller that may see only some of its owner's threads does not learn the size of all threads.
        var isWhole = Requests.ActorOf(http).Scope?.Threads.IsAll is not false;
        var size = isWhole && space is not null ? await space.MeasureAsync(http.RequestAborted) : null;
        await JsonResponse.WriteAsync(http, (this, size), static (writer, s) => s.Item1.Write(writer, s.size));
    }

    private void Write(Utf8JsonWriter writer, StorageSize? size)
    {
        var executing = scheduler.ExecutingCount;
        writer.WriteStartObject();
        writer.WriteString("version"u8, SystemEndpoints.Version);
        writer.Time("started_at"u8, _startedAt.Value);
        writer.WriteBoolean("is_recovering"u8, !health.HasStarted);
        writer.WriteBoolean("is_stopping"u8, health.IsStopping);
        WriteGauge(writer, "executing_runs", executing, limits.ConcurrentRunsMax);
        WriteGauge(writer, "waiting_runs", Math.Max(0, backlog.Count - executing), limits.QueuedRunsMax);
        WriteGauge(writer, "foreign_runs", backlog.ForeignCount, null);
        WriteGauge(writer, "feed_events", feed.Kept, limits.FeedEventsMax);
        WriteGauge(writer, "feed_readers", feed.Readers, null);
        WriteGauge(writer, "stream_readers", metrics.Readers, null);
        WriteGauge(writer, "memory_bytes", Environment.WorkingSet, null);
        WriteGauge(writer, "storage_bytes", size?.Bytes, null);
        WriteGauge(writer, "storage_free_bytes", size?.FreeBytes, null);
        writer.WriteEndObject();
    }

    private static void WriteGauge(Utf8JsonWriter writer, string name, long? value, long? limit)
    {
        writer.WriteStartObject(name);
        writer.Number("value"u8, value);
        writer.Number("limit"u8, limit);
        writer.WriteEndObject();
    }
}
