using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Runs for which the caller names no thread (docs/protocol/runs.md B6 and C5).</summary>
internal sealed class StatelessRunEndpoints(Mount mount, RunsFacade runs, RunResponses responses, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints, string path)
    {
        var routes = endpoints.MapGroup(path).WithTags("Stateless Runs").ReturnsProblem(404, 422);
        routes.MapPost("", (Delegate)CreateAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunCreate>().AcceptsRequestKey().Returns<RunResource>().WithSummary("Create a stateless run in the background");
        routes.MapPost("/stream", (Delegate)StreamAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunCreate>().AcceptsRequestKey().Reads(Parameters.Namespace).ReturnsEvents()
                .WithSummary("Create a stateless run and stream its events");
        routes.MapPost("/wait", (Delegate)WaitAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunCreate>().AcceptsRequestKey().Returns<JsonElement>()
                .WithSummary("Create a stateless run and wait for its result");
        if (!mount.IsGateway)
        {
            routes.MapPost("/batch", (Delegate)CreateBatchAsync).WithAccess(Threads, CreateRun)
                .AcceptsJson<List<RunCreate>>().Returns<List<RunResource>>().WithSummary("Create several stateless runs");
            routes.MapPost("/cancel", (Delegate)CancelAsync).WithAccess(Threads, Update)
                .AcceptsJson<RunsCancel>().Reads(Parameters.CancelAction).ReturnsNothing().WithSummary("Cancel runs by status or by id");
            routes.MapMethods("/{run_id}/stream", Verbs.Read, (Delegate)JoinStreamAsync).WithAccess(Threads, Read)
                .Reads(Parameters.OfRunStream)
                .ReturnsEvents().WithSummary("Stream the events of a run");
        }
    }

    private Task CreateAsync(HttpContext http) => responses.CreateAsync(http, null);

    private Task StreamAsync(HttpContext http) => responses.StreamAsync(http, null);

    private Task WaitAsync(HttpContext http) => responses.WaitAsync(http, null);

    private Task CreateBatchAsync(HttpContext http) => responses.CreateBatchAsync(http);

    private async Task JoinStreamAsync(HttpContext http, string run_id)
    {
        var runId = Requests.ReadRunId(mount, run_id);
        var run = await runs.GetForJoinAsync(Requests.ActorOf(http), null, runId, http.RequestAborted);
        await responses.JoinStreamAsync(http, run, Requests.ReadFlag(http, "cancel_on_disconnect") ?? false);
    }

    private async Task CancelAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.RunsCancel);
        var isRollback = Requests.ReadChoice(http, "action", "interrupt", "rollback") == "rollback";
        var action = isRollback ? CancelAction.Rollback : CancelAction.Interrupt;
        var actor = Requests.ActorOf(http);
        if (body is { Status: { } status, ThreadId: null, RunIds: null })
        {
            RunStatus? only = status switch
            {
                "all" => null,
                "pending" => RunStatus.Pending,
                "running" => RunStatus.Running,
                _ => throw Requests.Invalid("status", $"'{status}' is none of pending, running, all."),
            };
            AuditedCall.Add(http, "run_status", status);
            await runs.CancelAllAsync(actor, only, action, http.RequestAborted);
        }
        else if (body is { Status: null, ThreadId: { } thread, RunIds: { } ids })
        {
            var threadId = Requests.ReadThreadId(mount, thread, "thread_id");
            Requests.CheckCount(ids, options, "run_ids");
            AuditedCall.Add(http, "thread_id", threadId);
            AuditedCall.AddAll(http, "run_ids", ids);
            var found = new List<RunRecord>();
            foreach (var id in ids)
            {
                found.Add(await runs.GetAsync(actor, threadId, Requests.ReadRunId(mount, id, "run_ids"), http.RequestAborted));
            }

            // The newest first, because a waiting run must not start when the one before it is cancelled.
            foreach (var run in found.OrderByDescending(run => run.CreatedAt))
            {
                await runs.CancelAsync(run, action, null, http.RequestAborted);
            }
        }
        else
        {
            throw Requests.Invalid("status", "Give a status, or a thread_id with run_ids, and not both.");
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
