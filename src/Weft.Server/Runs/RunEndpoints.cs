using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The runs of a thread (docs/protocol/runs.md B6, docs/protocol/gateway.md H1).</summary>
internal sealed class RunEndpoints(
    Mount mount, RunsFacade runs, ThreadsFacade threads, RunResponses responses, WeftServerOptions options)
{
    private const int MessagesLimit = 50;

    private readonly RunJson _json = RunJson.Of(mount);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/threads/{thread_id}/queue", Verbs.Read, (Delegate)ListQueueAsync).WithAccess(Threads, Search)
            .WithTags("Thread Runs").Reads(Parameters.Limit, Parameters.Offset, Parameters.RunSelect)
            .Returns<List<RunResource>>().ReturnsProblem(404, 422)
            .WithSummary("List the runs of a thread that wait, in their order");
        var routes = endpoints.MapGroup("/threads/{thread_id}/runs").WithTags("Thread Runs").ReturnsProblem(404, 422);
        routes.MapMethods("", Verbs.Read, (Delegate)ListAsync).WithAccess(Threads, Search)
            .Reads(Parameters.Limit, Parameters.Offset, Parameters.RunStatus, Parameters.RunSelect)
            .Returns<List<RunResource>>().WithSummary("List the runs of a thread, newest first");
        routes.MapPost("", (Delegate)CreateAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunCreate>().AcceptsRequestKey().Returns<RunResource>().ReturnsProblem(409)
                .WithSummary("Create a run in the background");
        routes.MapPost("/stream", (Delegate)StreamAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunCreate>().AcceptsRequestKey().Reads(Parameters.Namespace).ReturnsEvents().ReturnsProblem(409)
                .WithSummary("Create a run and stream its events");
        routes.MapPost("/wait", (Delegate)WaitAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunCreate>().AcceptsRequestKey().Returns<JsonElement>().ReturnsProblem(409)
                .WithSummary("Create a run and wait for its result");
        routes.MapMethods("/{run_id}", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read)
            .Returns<RunResource>().WithSummary("Get a run");
        var delete = routes.MapDelete("/{run_id}", (Delegate)DeleteAsync).WithAccess(Threads, Delete)
            .ReturnsProblem(409).WithSummary("Delete a run");
        _ = mount.IsGateway ? delete.Returns<RunDeleteResponse>() : delete.ReturnsNothing();
        routes.MapMethods("/{run_id}/join", Verbs.Read, (Delegate)JoinAsync).WithAccess(Threads, Read).Reads(Parameters.CancelOnDisconnect)
            .Returns<JsonElement>().WithSummary("Wait for the result of a run");
        routes.MapMethods("/{run_id}/stream", Verbs.Read, (Delegate)JoinStreamAsync).WithAccess(Threads, Read)
            .Reads(Parameters.OfRunStream)
            .ReturnsEvents().WithSummary("Stream the events of a run");
        routes.MapPost("/{run_id}/cancel", (Delegate)CancelAsync).WithAccess(Threads, Update)
            .Reads(
                Parameters.CancelAction,
                Parameters.Wait,
                Parameters.Query("reason", "Why the run is cancelled, which the run then shows.", Parameters.Text()))
            .Returns<JsonElement>().ReturnsProblem(mount.IsGateway ? [409] : []).WithSummary("Cancel a run");
        if (mount.IsGateway)
        {
            routes.MapPost("/{run_id}/stream", (Delegate)JoinStreamAsync).WithAccess(Threads, Read)
                .Reads(
                    Parameters.LastEventId,
                    Parameters.StreamMode,
                    Parameters.Namespace,
                    Parameters.ShownCheckpoint,
                    Parameters.CancelAction,
                    Parameters.Wait,
                    Parameters.CancelOnDisconnect)
                .ReturnsEvents().ReturnsNothing().ReturnsProblem(409)
                .WithSummary("Stream the events of a run, after a cancel if the query has an action");
            routes.MapMethods("/{run_id}/messages", Verbs.Read, (Delegate)ListMessagesAsync).WithAccess(Threads, Read)
                .Reads(
                    Parameters.Limit,
                    Parameters.Query("before_seq", "Only messages with a smaller number.", Parameters.Whole(0)),
                    Parameters.Query("after_seq", "Only messages with a greater number.", Parameters.Whole(0)))
                .Returns<RunMessagesResponse>().WithSummary("List the messages of a run");
        }
    }

    private Task CreateAsync(HttpContext http, string thread_id) => responses.CreateAsync(http, Requests.ReadThreadId(mount, thread_id));

    private Task StreamAsync(HttpContext http, string thread_id) => responses.StreamAsync(http, Requests.ReadThreadId(mount, thread_id));

    private Task WaitAsync(HttpContext http, string thread_id) => responses.WaitAsync(http, Requests.ReadThreadId(mount, thread_id));

    private async Task ListAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var (limit, offset) = Requests.ReadPage(http, options, mount.IsGateway ? 100 : 10);
        var given = http.Request.Query["status"].ToString();
        if (mount.IsGateway && given.Length > 0 && !RunJson.IsStatus(given))
        {
            // Any text is accepted as a status (docs/protocol/gateway.md H1), and no run has this one.
            await JsonResponse.WriteListAsync<RunRecord>(http, [], _json.Write);
            return;
        }

        var status = RunJson.ParseStatus(given.Length == 0 ? null : given, "query.status");
        var actor = Requests.ActorOf(http);
        // The gateway has no selection (docs/protocol/gateway.md H1).
        var select = mount.IsGateway ? null : Selection.Read(Requests.ReadList(http, "select"), "query.select", RunJson.Members);
        if (!mount.IsGateway)
        {
            await threads.EnsureExistsAsync(actor, threadId, http.RequestAborted);
        }

        var found = await runs.OpenSearchAsync(actor, threadId, status, limit, offset, http.RequestAborted);
        await JsonResponse.WriteListAsync(http, found, Selection.Of<RunRecord>(select, _json.Write));
    }

    private async Task ListQueueAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var (limit, offset) = Requests.ReadPage(http, options, 10);
        var select = Selection.Read(Requests.ReadList(http, "select"), "query.select", RunJson.Members);
        var actor = Requests.ActorOf(http);
        await threads.EnsureExistsAsync(actor, threadId, http.RequestAborted);
        var page = await runs.OpenQueueAsync(actor, threadId, limit, offset, http.RequestAborted);
        PageHeaders.Set(http, page, offset);

        await JsonResponse.WriteListAsync(http, page, Selection.Of<RunRecord>(select, _json.Write));
    }

    private async Task GetAsync(HttpContext http, string thread_id, string run_id) =>
        await JsonResponse.WriteAsync(http, await FindAsync(http, thread_id, run_id), _json.Write);

    private async Task DeleteAsync(HttpContext http, string thread_id, string run_id)
    {
        var deleted = await runs.DeleteAsync(await FindAsync(http, thread_id, run_id), http.RequestAborted);
        if (mount.IsGateway)
        {
            await JsonResponse.WriteAsync(http, deleted, static (writer, deleted) =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("deleted"u8, deleted);
                writer.WriteEndObject();
            });
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private async Task JoinAsync(HttpContext http, string thread_id, string run_id)
    {
        var cancelOnDisconnect = Requests.ReadFlag(http, "cancel_on_disconnect") ?? false;
        // The gateway accepts the flag and ignores it (docs/protocol/gateway.md H5).
        await responses.JoinWaitAsync(http, await FindForJoinAsync(http, thread_id, run_id), cancelOnDisconnect && !mount.IsGateway);
    }

    private async Task JoinStreamAsync(HttpContext http, string thread_id, string run_id)
    {
        var (asked, wait) = (ReadAction(http), Requests.ReadFlag(http, "wait") ?? false);
        var cancelOnDisconnect = Requests.ReadFlag(http, "cancel_on_disconnect") ?? false;
        // HEAD changes nothing.
        var cancels = mount.IsGateway && asked is not null && !HttpMethods.IsHead(http.Request.Method);
        var run = cancels ? await FindAsync(http, thread_id, run_id) : await FindForJoinAsync(http, thread_id, run_id);
        if (cancels && asked is { } action)
        {
            if (!await runs.CancelAsync(run, action, null, http.RequestAborted))
            {
                throw NotCancellable(run);
            }

            if (wait)
            {
                await runs.JoinWaitAsync(Requests.ActorOf(http), run, http.RequestAborted);
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }

        await responses.JoinStreamAsync(http, run, cancelOnDisconnect);
    }

    private async Task CancelAsync(HttpContext http, string thread_id, string run_id)
    {
        var (action, wait) = (ReadAction(http) ?? CancelAction.Interrupt, Requests.ReadFlag(http, "wait") ?? false);
        var run = await FindAsync(http, thread_id, run_id);
        var ended = wait ? runs.JoinWaitAsync(Requests.ActorOf(http), run, CancellationToken.None) : null;
        var reason = http.Request.Query["reason"] is [{ Length: > 0 } given] ? given : null;
        var cancelled = await runs.CancelAsync(run, action, reason, http.RequestAborted);
        if (!cancelled && mount.IsGateway)
        {
            throw NotCancellable(run);
        }

        if (ended is not null && mount.IsGateway)
        {
            await responses.JoinWaitAsync(http, run, cancelOnDisconnect: false);
            return;
        }

        if (ended is not null)
        {
            await ended.WaitAsync(http.RequestAborted);
        }

        await JsonResponse.WriteAsync(http, 0, static (writer, _) =>
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        });
    }

    private async Task ListMessagesAsync(HttpContext http, string thread_id, string run_id)
    {
        var limit = Requests.CheckLimit(Requests.ReadNumber(http, "limit") ?? MessagesLimit, options, "query.limit");
        var before = Requests.ReadNumber(http, "before_seq");
        var after = Requests.ReadNumber(http, "after_seq");
        var run = await FindAsync(http, thread_id, run_id);
        // Reads one more than the limit, to find out whether there are more.
        var rows = await runs.OpenMessagesAsync(run, limit + 1, before, after, http.RequestAborted);
        var hasMore = rows.Count > limit;
        IAsyncEnumerable<MessageRecord> page = !hasMore ? rows : after is not null ? rows.Take(limit) : rows.Skip(1);
        await JsonResponse.WriteListAsync(
            http,
            "data",
            page,
            WriteMessage,
            writer => writer.WriteBoolean("hasMore"u8, hasMore));
    }

    private static void WriteMessage(Utf8JsonWriter writer, MessageRecord row)
    {
        writer.WriteStartObject();
        writer.WriteString("run_id"u8, row.RunId.Value);
        writer.WritePropertyName("content"u8);
        writer.WriteRawValue(row.Content.Span, skipInputValidation: true);
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        writer.Time("created_at"u8, row.CreatedAt);
        writer.WriteNumber("seq"u8, row.Seq);
        writer.WriteEndObject();
    }

    private static WeftException NotCancellable(RunRecord run) => new(ProblemKind.Conflict, $"Run {run.RunId} is not cancellable");

    private static CancelAction? ReadAction(HttpContext http) => Requests.ReadChoice(http, "action", "interrupt", "rollback") switch
    {
        null => null,
        "rollback" => CancelAction.Rollback,
        _ => CancelAction.Interrupt,
    };

    private Task<RunRecord> FindForJoinAsync(HttpContext http, string threadId, string runId) => runs.GetForJoinAsync(
        Requests.ActorOf(http), Requests.ReadThreadId(mount, threadId), Requests.ReadRunId(mount, runId), http.RequestAborted);

    private Task<RunRecord> FindAsync(HttpContext http, string threadId, string runId) => runs.GetAsync(
        Requests.ActorOf(http), Requests.ReadThreadId(mount, threadId), Requests.ReadRunId(mount, runId), http.RequestAborted);
}
