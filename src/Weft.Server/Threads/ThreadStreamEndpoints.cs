using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The stream of all runs of a thread (docs/protocol/threads.md B3).</summary>
internal sealed class ThreadStreamEndpoints(
    Mount mount, RunsFacade runs, ThreadsFacade threads, StateUpdateEvents edits, SseWriter sse)
{
    private const int RunIdLength = 36;

    private static OpenApiParameter StreamModes { get; } = Parameters.Query(
        "stream_modes",
        "What is streamed: the events of the runs, only when they start and end, or edits of the state.",
        Parameters.AnyOf(
            Parameters.Text("run_modes", "lifecycle", "state_update"),
            Parameters.List(Parameters.Text("run_modes", "lifecycle", "state_update"))));

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/threads/{thread_id}").WithTags("Threads").ReturnsProblem(404, 422)
            .MapMethods("/stream", Verbs.Read, (Delegate)StreamAsync).WithAccess(Threads, Read)
            .Reads(Parameters.LastEventId, StreamModes).ReturnsEvents()
            .WithSummary("Stream the events of a thread's runs, one run after the other");

    private async Task StreamAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var modes = ThreadStreamModes.Read(http);
        var actor = Requests.ActorOf(http);
        await threads.EnsureExistsAsync(actor, threadId, http.RequestAborted);
        if (HttpMethods.IsHead(http.Request.Method))
        {
            await SseWriter.WriteHeadersAsync(http, threadId, null);
            return;
        }

        var lastId = http.Request.Headers["Last-Event-ID"].ToString();
        // An id that we did not issue replays from the oldest retained event, as in streams of runs.
        using var reader = await runs.FollowAsync(
            actor, threadId, ReadLast(lastId), lastId.Length > 0, modes.OfRuns, http.RequestAborted);
        await sse.WriteThreadAsync(http, reader, modes, edits);
    }

    private static (RunId RunId, long Seq)? ReadLast(string id) =>
        id.Length > RunIdLength + 1 && id[RunIdLength] == '-'
        && Guid.TryParseExact(id.AsSpan(0, RunIdLength), "D", out var run)
        && long.TryParse(id.AsSpan(RunIdLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? (new RunId(run), seq)
            : null;
}
