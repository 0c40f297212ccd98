using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The kept events of a run, page by page (docs/protocol/runs.md B13).</summary>
internal sealed class RunEventEndpoints(Mount mount, RunsFacade runs, WeftServerOptions options)
{
    private const int EventsLimit = 100;

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/threads/{thread_id}/runs/{run_id}/events", Verbs.Read, (Delegate)ListAsync).WithAccess(Threads, Read)
            .WithTags("Thread Runs")
            .Reads(
                Parameters.Query("after", "The id of the event before the page. Missing means -1.", Parameters.Whole(-1)),
                Parameters.Limit)
            .Returns<RunEventsResponse>().ReturnsProblem(404, 422)
            .WithSummary("List the events of a run that are kept");

    private async Task ListAsync(HttpContext http, string thread_id, string run_id)
    {
        var limit = Requests.CheckLimit(Requests.ReadNumber(http, "limit") ?? EventsLimit, options, "query.limit");
        var after = Requests.ReadNumber(http, "after") ?? -1;
        if (after < -1)
        {
            throw Requests.Invalid("query.after", "It must be the id of an event, or -1.");
        }

        var run = await runs.GetAsync(
            Requests.ActorOf(http), Requests.ReadThreadId(mount, thread_id), Requests.ReadRunId(mount, run_id), http.RequestAborted);
        var page = await runs.ReadEventsAsync(run, after, limit, http.RequestAborted);
        await JsonResponse.WriteListAsync(http, "events", page.Events.ToAsyncEnumerable(), (writer, read) => Write(writer, run, read), writer =>
        {
            writer.Number("next"u8, page.HasMore ? page.Events[^1].Seq : null);
            writer.Number("kept_from"u8, page.KeptFrom);
        });
    }

    /// <summary>Writes an event as the stream of the run at the root has it. Parts that this protocol does not have are left out.</summary>
    private static void Write(Utf8JsonWriter writer, RunRecord run, RunEvent read)
    {
        if (!PartEvents.TryEncode(read.Part, hidesInterrupts: false, out var data))
        {
            return;
        }

        var (name, ns) = (read.IsTerminal ? "end" : PartEvents.NameOf(read.Part), PartEvents.NamespaceOf(read.Part));
        writer.WriteStartObject();
        writer.WriteNumber("id"u8, read.Seq);
        writer.Number("seq"u8, run.StartOrder > 0 ? ThreadLog.SeqOf(run.StartOrder, read.Seq) : null);
        writer.WriteString("event"u8, ns.Length > 0 ? $"{name}|{ns}" : name);
        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(data.ToArray(), skipInputValidation: true);
        writer.Time("at"u8, read.CreatedAt);
        writer.WriteEndObject();
    }
}
