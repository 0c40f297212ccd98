using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Assistants (docs/protocol/assistants.md B2): those that graphs have, and those that clients create.</summary>
internal sealed class AssistantEndpoints(
    AssistantsFacade assistants, RunsOptions limits, WeftServerOptions options, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/assistants").WithTags("Assistants").ReturnsProblem(422);
        routes.MapPost("", (Delegate)CreateAsync).WithAccess(Assistants, Create)
            .AcceptsJson<AssistantCreate>().Returns<AssistantResource>().ReturnsProblem(404, 409).WithSummary("Create an assistant");
        routes.MapPost("/search", (Delegate)SearchAsync).WithAccess(Assistants, Search)
            .AcceptsJson<AssistantSearch>().Returns<List<AssistantResource>>().WithSummary("Search assistants");
        routes.MapPost("/count", (Delegate)CountAsync).WithAccess(Assistants, Search)
            .AcceptsJson<AssistantSearch>().Returns<int>().WithSummary("Count assistants");
        routes.MapMethods("/{assistant_id}", Verbs.Read, (Delegate)GetAsync).WithAccess(Assistants, Read)
            .Returns<AssistantResource>().ReturnsProblem(404).WithSummary("Get an assistant, by its id or its graph's");
        routes.MapPatch("/{assistant_id}", (Delegate)PatchAsync).WithAccess(Assistants, Update)
            .AcceptsJson<AssistantPatch>().Returns<AssistantResource>().ReturnsProblem(404)
            .WithSummary("Change an assistant, as a new version of it");
        routes.MapDelete("/{assistant_id}", (Delegate)DeleteAsync).WithAccess(Assistants, Delete)
            .Reads(Parameters.Query("delete_threads", "Whether to delete the threads of the assistant too.", Parameters.Flag()))
            .ReturnsNothing().ReturnsProblem(404, 409).WithSummary("Delete an assistant, with its threads if the query says so");
    }

    private async Task CreateAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantCreate);
        var returnExisting = body.IfExists switch
        {
            null or "raise" => false,
            "do_nothing" => true,
            _ => throw Requests.Invalid("if_exists", $"'{body.IfExists}' is none of raise, do_nothing."),
        };
        var id = body.AssistantId is not { } given ? new AssistantId(NewId.TimeOrdered(time))
            : AssistantId.TryParse(given, null, out var read) ? read
            : throw Requests.Invalid("assistant_id", $"'{given}' is not a UUID.");
        var assistant = new AssistantRecord
        {
            AssistantId = id,
            GraphId = body.GraphId ?? throw Requests.Invalid("graph_id", "Field required"),
            Name = body.Name ?? "Untitled",
            Description = body.Description,
            Config = ReadConfig(body.Config) ?? GraphJson.EmptyObject,
            Context = ReadBounded(body.Context, "context") ?? GraphJson.EmptyObject,
            Metadata = ReadBounded(body.Metadata, "metadata") ?? GraphJson.EmptyObject,
            CreatedAt = default,
            UpdatedAt = default,
        };
        var created = await assistants.CreateAsync(Requests.ActorOf(http), assistant, returnExisting, http.RequestAborted);
        AuditedCall.Add(http, "assistant_id", created.AssistantId);
        await JsonResponse.WriteAsync(http, created, AssistantJson.Write);
    }

    private async Task SearchAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantSearch);
        var select = Selection.Read(body.Select, "select", AssistantJson.Members);
        var query = QueryOf(body) with
        {
            Limit = Requests.CheckLimit(body.Limit ?? 10, options),
            Offset = Requests.CheckOffset(body.Offset ?? 0),
            SortBy = AssistantJson.ParseSort(body.SortBy),
            Descending = ThreadJson.ParseDescending(body.SortOrder),
        };
        var page = await assistants.OpenSearchAsync(Requests.ActorOf(http), query, http.RequestAborted);
        PageHeaders.Set(http, page, query.Offset);

        await JsonResponse.WriteListAsync(http, page, Selection.Of<AssistantRecord>(select, AssistantJson.Write));
    }

    private async Task CountAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantSearch);
        var found = await assistants.OpenSearchAsync(Requests.ActorOf(http), QueryOf(body) with { Limit = 0 }, http.RequestAborted);
        await JsonResponse.WriteAsync(http, found.Total, static (writer, count) => writer.WriteNumberValue(count));
    }

    private async Task GetAsync(HttpContext http, string assistant_id) => await JsonResponse.WriteAsync(
        http, await assistants.GetAsync(Requests.ActorOf(http), assistant_id, http.RequestAborted), AssistantJson.Write);

    private async Task PatchAsync(HttpContext http, string assistant_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantPatch);
        var (config, context, metadata) =
            (ReadConfig(body.Config), ReadBounded(body.Context, "context"), ReadBounded(body.Metadata, "metadata"));
        var changed = await assistants.PatchAsync(
            Requests.ActorOf(http),
            assistant_id,
            current => current with
            {
                GraphId = body.GraphId ?? current.GraphId,
                Name = body.Name ?? current.Name,
                Description = body.Description ?? current.Description,
                Config = config ?? current.Config,
                Context = context ?? current.Context,
            },
            metadata,
            http.RequestAborted);
        await JsonResponse.WriteAsync(http, changed, AssistantJson.Write);
    }

    private async Task DeleteAsync(HttpContext http, string assistant_id)
    {
        var deleteThreads = Requests.ReadFlag(http, "delete_threads") ?? false;
        await assistants.DeleteAsync(Requests.ActorOf(http), assistant_id, deleteThreads, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static AssistantQuery QueryOf(AssistantSearch body) => new()
    {
        GraphId = body.GraphId,
        Name = body.Name,
        Metadata = AssistantJson.ReadObject(body.Metadata, "metadata"),
    };

    private JsonElement? ReadConfig(JsonElement? given)
    {
        var config = ReadBounded(given, "config");
        RunConfiguration.Check(config ?? GraphJson.EmptyObject);
        return config;
    }

    private JsonElement? ReadBounded(JsonElement? value, string field) =>
        AssistantJson.ReadObject(value, field) is not { } json ? null
        : JsonMarshal.GetRawUtf8Value(json).Length <= limits.ConfigBytesMax ? json
        : throw Requests.Invalid(field, $"It must have at most {limits.ConfigBytesMax} bytes as JSON.");
}
