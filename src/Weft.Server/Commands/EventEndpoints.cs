using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The events of a thread as server-sent events (docs/protocol/v2.md 8). The body is the filter.</summary>
internal sealed class EventEndpoints(
    Mount mount, RunsFacade runs, V2StreamWriter writer, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/threads/{thread_id}").WithTags("Thread Events").ReturnsProblem(404, 422)
            .MapPost("/stream/events", (Delegate)StreamAsync).WithAccess(Threads, Read).AcceptsJson<EventFilter>().ReturnsEvents()
            .WithSummary("Stream the events of a thread that match a filter, those that are kept and those to come");

    private async Task StreamAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.JsonElement, isRequired: true);
        var filter = V2FilterReader.Read(body, "", ignoresUnknown: true, options.FilterNamespacesMax);
        var actor = Requests.ActorOf(http);
        var since = filter.Since ?? await ReadLastAsync(http, actor, threadId);
        using var reader = await runs.FollowLogAsync(actor, threadId, since, http.RequestAborted);
        await writer.WriteAsync(http, reader, filter);
    }

    /// <summary>Returns the number of the last event that the client has; null if it has none that this server knows.</summary>
    private async Task<long?> ReadLastAsync(HttpContext http, Actor actor, ThreadId threadId)
    {
        var id = http.Request.Headers["Last-Event-ID"].ToString();
        return !V2EventId.TryParse(id, out var runId, out var number, out var attempt) ? null
            : attempt > 0 ? await runs.FindSeqOfAttemptAsync(actor, threadId, runId, attempt, http.RequestAborted)
            : await runs.FindSeqAsync(actor, threadId, runId, number, http.RequestAborted);
    }
}
