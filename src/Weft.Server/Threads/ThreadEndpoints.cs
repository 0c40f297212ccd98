using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Threads (docs/protocol/threads.md B3).</summary>
internal sealed class ThreadEndpoints(Mount mount, ThreadsFacade threads, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/threads").WithTags("Threads").ReturnsProblem(422);
        routes.MapPost("", (Delegate)CreateAsync).WithAccess(Threads, Create)
            .AcceptsJson<ThreadCreate>().Returns<ThreadResource>().ReturnsProblem(409).WithSummary("Create a thread");
        routes.MapPost("/search", (Delegate)SearchAsync).WithAccess(Threads, Search)
            .AcceptsJson<ThreadSearch>().Returns<List<ThreadResource>>().WithSummary("Search threads");
        routes.MapPost("/count", (Delegate)CountAsync).WithAccess(Threads, Search)
            .AcceptsJson<ThreadCount>().Returns<int>().WithSummary("Count threads");
        routes.MapPost("/prune", (Delegate)PruneAsync).WithAccess(Threads, Delete)
            .AcceptsJson<ThreadPrune>().Returns<ThreadPruneResponse>()
            .WithSummary("Delete threads, or all of their states but the newest");
        routes.MapMethods("/{thread_id}", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read)
            .Reads(Parameters.Query("include", "Further members of the answer.", Parameters.List(Parameters.Text("ttl", "preview"))))
            .Returns<ThreadResource>().ReturnsProblem(404).WithSummary("Get a thread");
        routes.MapPatch("/{thread_id}", (Delegate)PatchAsync).WithAccess(Threads, Update)
            .AcceptsJson<ThreadPatch>().Returns<ThreadResource>().ReturnsNothing().ReturnsProblem(404)
            .WithSummary("Merge metadata into a thread's, or set its time to live");
        var delete = routes.MapDelete("/{thread_id}", (Delegate)DeleteAsync).WithAccess(Threads, Delete)
            .ReturnsProblem(404).WithSummary("Delete a thread");
        _ = mount.IsGateway ? delete.Returns<ThreadDeleteResponse>() : delete.ReturnsNothing();
        routes.MapPost("/{thread_id}/copy", (Delegate)CopyAsync).WithAccess(Threads, Create)
            .Returns<ThreadResource>().ReturnsProblem(404).WithSummary("Copy a thread with its state and history");
    }

    private async Task CreateAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadCreate);
        var returnExisting = body.IfExists switch
        {
            "raise" => false,
            "do_nothing" => true,
            // The gateway returns an existing thread unchanged (docs/protocol/gateway.md H6).
            null => mount.IsGateway,
            _ => throw Requests.Invalid("if_exists", $"'{body.IfExists}' is none of raise, do_nothing."),
        };
        ThreadId? threadId = body.ThreadId is null ? null : Requests.ReadThreadId(mount, body.ThreadId, "thread_id");
        var (actor, metadata, ttl) = (Requests.ActorOf(http), Requests.MetadataText(body.Metadata), ThreadTtlJson.Read(body.Ttl));
        // The SDK sends an empty list if it has none.
        var view = body.Supersteps is { ValueKind: not JsonValueKind.Null } supersteps
            && !(supersteps.ValueKind == JsonValueKind.Array && supersteps.GetArrayLength() == 0)
            ? await threads.CreateAsync(actor, threadId, metadata, ttl, supersteps, http.RequestAborted)
            : await threads.CreateAsync(actor, threadId, metadata, ttl, returnExisting, http.RequestAborted);
        AuditedCall.Add(http, "thread_id", view.Thread.ThreadId);
        await JsonResponse.WriteAsync(http, view, ThreadJson.Write);
    }

    private async Task SearchAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadSearch);
        var extract = ThreadPath.ReadAll(body.Extract);
        var select = Selection.Read(body.Select, "select", ThreadJson.Selectable, "extracted");
        var offset = Requests.CheckOffset(body.Offset ?? 0);
        Requests.CheckCount(body.Ids, options, "ids");
        var page = await threads.OpenSearchAsync(
            Requests.ActorOf(http),
            new ThreadQuery
            {
                Ids = body.Ids?.ConvertAll(id => Requests.ReadThreadId(mount, id, "ids")),
                Metadata = ReadMetadata(body.Metadata),
                Status = ThreadJson.ParseStatus(body.Status),
                Limit = Requests.CheckLimit(body.Limit ?? (mount.IsGateway ? 100 : 10), options),
                Offset = offset,
                SortBy = ThreadJson.ParseSort(body.SortBy),
                Descending = ThreadJson.ParseDescending(body.SortOrder),
            },
            ReadValues(body.Values),
            http.RequestAborted);
        PageHeaders.Set(http, page, offset);

        var withValues = select is null || select.Wants("values") || extract?.Values.Any(path => path.IsOfValues) is true;
        var views = withValues
            ? threads.ReadViewsAsync(page, http.RequestAborted)
            : page.Select(static thread => new ThreadView(thread, null));
        var withPreview = select?.Wants("preview") is true;
        var write = Selection.Of<ThreadView>(
            select,
            (writer, view) => ThreadJson.Write(writer, view, extract, withPreview: withPreview, withTitle: mount.IsGateway));
        await JsonResponse.WriteListAsync(http, views, write);
    }

    private async Task CountAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadCount);
        var query = new ThreadQuery { Metadata = ReadMetadata(body.Metadata), Status = ThreadJson.ParseStatus(body.Status) };
        var count = await threads.CountAsync(Requests.ActorOf(http), query, ReadValues(body.Values), http.RequestAborted);
        await JsonResponse.WriteAsync(http, count, static (writer, count) => writer.WriteNumberValue(count));
    }

    private async Task PruneAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadPrune);
        var strategy = ThreadTtlJson.ReadStrategy(body.Strategy, "strategy");
        var ids = body.ThreadIds ?? throw Requests.Invalid("thread_ids", "Field required");
        Requests.CheckCount(ids, options, "thread_ids");
        var threadIds = ids.ConvertAll(id => Requests.ReadThreadId(mount, id, "thread_ids"));
        AuditedCall.AddAll(http, "thread_ids", threadIds);
        var pruned = await threads.PruneAsync(Requests.ActorOf(http), threadIds, strategy, http.RequestAborted);
        await JsonResponse.WriteAsync(http, pruned, static (writer, pruned) =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("pruned_count"u8, pruned);
            writer.WriteEndObject();
        });
    }

    private async Task GetAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var include = Requests.ReadList(http, "include") ?? [];
        if (include.Find(member => member is not ("ttl" or "preview")) is { } unknown)
        {
            throw Requests.Invalid("query.include", $"'{unknown}' is none of ttl, preview.");
        }

        var view = await threads.GetAsync(Requests.ActorOf(http), threadId, http.RequestAborted);
        var shown = (view, withTtl: include.Contains("ttl"), withPreview: include.Contains("preview"));
        await JsonResponse.WriteAsync(
            http, shown, static (writer, s) => ThreadJson.Write(writer, s.view, null, s.withTtl, s.withPreview));
    }

    private async Task PatchAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadPatch);
        var view = await threads.PatchAsync(
            Requests.ActorOf(http), threadId, Requests.MetadataText(body.Metadata), ThreadTtlJson.Read(body.Ttl), http.RequestAborted);
        if (http.Request.Headers["Prefer"].ToString().Contains("return=minimal", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await JsonResponse.WriteAsync(http, view, ThreadJson.Write);
    }

    private async Task CopyAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var copy = await threads.CopyAsync(Requests.ActorOf(http), threadId, http.RequestAborted);
        AuditedCall.Add(http, "new_thread_id", copy.Thread.ThreadId);
        await JsonResponse.WriteAsync(http, copy, ThreadJson.Write);
    }

    private async Task DeleteAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        await threads.DeleteAsync(Requests.ActorOf(http), threadId, http.RequestAborted);
        if (!mount.IsGateway)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await JsonResponse.WriteAsync(http, threadId, static (writer, threadId) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success"u8, true);
            writer.WriteString("message"u8, $"Deleted thread {threadId}");
            writer.WriteEndObject();
        });
    }

    private static string? ReadMetadata(JsonElement? metadata) => Requests.MetadataText(metadata) is var text && text == "{}" ? null : text;

    private static JsonElement? ReadValues(JsonElement? values) => values switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } given => given.EnumerateObject().MoveNext() ? given : null,
        _ => throw Requests.Invalid("values", "It must be an object."),
    };
}
