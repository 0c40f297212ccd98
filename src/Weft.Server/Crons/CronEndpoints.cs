using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Crons (docs/protocol/crons.md B7).</summary>
internal sealed class CronEndpoints(
    Mount mount,
    CronsFacade crons,
    CronRequests requests,
    ThreadsFacade threads,
    AssistantDirectory assistants,
    WeftServerOptions options,
    TimeProvider time)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/threads/{thread_id}/runs/crons", (Delegate)CreateForThreadAsync).WithAccess(Crons, Create)
            .WithTags("Crons").AcceptsJson<CronCreate>().Returns<CronResource>().ReturnsProblem(404, 422)
            .WithSummary("Create a cron whose runs are on a thread");
        var routes = endpoints.MapGroup("/runs/crons").WithTags("Crons").ReturnsProblem(422);
        routes.MapPost("", (Delegate)CreateAsync).WithAccess(Crons, Create)
            .AcceptsJson<CronCreate>().Returns<CronResource>().ReturnsProblem(404)
            .WithSummary("Create a cron whose runs are on new threads");
        routes.MapPost("/search", (Delegate)SearchAsync).WithAccess(Crons, Search)
            .AcceptsJson<CronSearch>().Returns<List<CronResource>>().WithSummary("Search crons");
        routes.MapPost("/count", (Delegate)CountAsync).WithAccess(Crons, Search)
            .AcceptsJson<CronCountRequest>().Returns<int>().WithSummary("Count crons");
        routes.MapMethods("/{cron_id}", Verbs.Read, (Delegate)GetAsync).WithAccess(Crons, Read)
            .Returns<CronResource>().ReturnsProblem(404).WithSummary("Get a cron");
        routes.MapPatch("/{cron_id}", (Delegate)PatchAsync).WithAccess(Crons, Update)
            .AcceptsJson<CronCreate>().Returns<CronResource>().ReturnsProblem(404).WithSummary("Change members of a cron");
        routes.MapDelete("/{cron_id}", (Delegate)DeleteAsync).WithAccess(Crons, Delete)
            .ReturnsNothing().ReturnsProblem(404).WithSummary("Delete a cron");
    }

    private Task CreateForThreadAsync(HttpContext http, string thread_id) =>
        CreateCronAsync(http, Requests.ReadThreadId(mount, thread_id));

    private Task CreateAsync(HttpContext http) => CreateCronAsync(http, null);

    private async Task CreateCronAsync(HttpContext http, ThreadId? threadId)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.CronCreate, isRequired: true);
        var actor = Requests.ActorOf(http);
        var now = time.GetUtcNow();
        var empty = new CronRecord
        {
            CronId = CronId.New(time),
            AssistantId = default,
            ThreadId = threadId,
            Schedule = body.Schedule ?? throw Requests.Invalid("schedule", "Field required"),
            Payload = "{}"u8.ToArray(),
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (body.AssistantId is null)
        {
            throw Requests.Invalid("assistant_id", "Field required");
        }

        var cron = requests.Apply(empty, body, http.Request.Headers);
        if (threadId is { } given && body.IfNotExists != "create")
        {
            await threads.EnsureExistsAsync(actor, given, http.RequestAborted);
        }

        var created = await crons.CreateAsync(actor, cron, http.RequestAborted);
        AuditedCall.Add(http, "cron_id", created.CronId);
        await JsonResponse.WriteAsync(http, created, CronJson.Write);
    }

    private async Task PatchAsync(HttpContext http, string cron_id)
    {
        var cronId = ReadCronId(cron_id);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.CronCreate);
        var changed = await crons.ChangeAsync(
            Requests.ActorOf(http), cronId, cron => requests.Apply(cron, body, http.Request.Headers), http.RequestAborted);
        await JsonResponse.WriteAsync(http, changed, CronJson.Write);
    }

    private async Task DeleteAsync(HttpContext http, string cron_id)
    {
        await crons.DeleteAsync(Requests.ActorOf(http), ReadCronId(cron_id), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task GetAsync(HttpContext http, string cron_id) => await JsonResponse.WriteAsync(
        http, await crons.GetAsync(Requests.ActorOf(http), ReadCronId(cron_id), http.RequestAborted), CronJson.Write);

    private async Task SearchAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.CronSearch);
        var select = Selection.Read(body.Select, "select", CronJson.Members);
        var query = QueryOf(body) with
        {
            Limit = Requests.CheckLimit(body.Limit ?? 10, options),
            Offset = Requests.CheckOffset(body.Offset ?? 0),
            SortBy = CronJson.ParseSort(body.SortBy),
            Descending = ThreadJson.ParseDescending(body.SortOrder),
        };
        var page = await crons.OpenSearchAsync(Requests.ActorOf(http), query, http.RequestAborted);
        PageHeaders.Set(http, page, query.Offset);

        DateTimeOffset? now = select?.Wants("now") is true ? time.GetUtcNow() : null;
        var write = Selection.Of<CronRecord>(select, (writer, cron) => CronJson.Write(writer, cron, now));
        await JsonResponse.WriteListAsync(http, page, write);
    }

    private async Task CountAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.CronCountRequest);
        var page = await crons.OpenSearchAsync(Requests.ActorOf(http), QueryOf(body) with { Limit = 0 }, http.RequestAborted);
        await JsonResponse.WriteAsync(http, page.Total, static (writer, count) => writer.WriteNumberValue(count));
    }

    private CronQuery QueryOf(CronCountRequest body) => new()
    {
        AssistantId = AssistantJson.ReadId(assistants, body.AssistantId),
        ThreadId = body.ThreadId is null ? null : Requests.ReadThreadId(mount, body.ThreadId, "thread_id"),
        IsEnabled = body.Enabled,
        Metadata = Requests.MetadataText(body.Metadata),
    };

    private static CronId ReadCronId(string cronId) =>
        Requests.TryReadUuid(cronId, out var id) ? new CronId(id) : throw Requests.Invalid("path.cron_id", $"'{cronId}' is not a UUID.");
}
