using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Assistants (docs/protocol/assistants.md B2). Each graph has one.</summary>
internal sealed class AssistantEndpoints(AssistantDirectory assistants, WeftServerOptions options)
{
    private static readonly string[] Members =
        ["assistant_id", "graph_id", "name", "description", "config", "context", "metadata", "version", "created_at", "updated_at"];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/assistants").WithTags("Assistants").ReturnsProblem(422);
        routes.MapPost("/search", (Delegate)SearchAsync)
            .AcceptsJson<AssistantSearch>().Returns<List<AssistantResource>>().WithSummary("Search assistants");
        routes.MapPost("/count", (Delegate)CountAsync).AcceptsJson<AssistantSearch>().Returns<int>().WithSummary("Count assistants");
        routes.MapMethods("/{assistant_id}", Verbs.Read, (Delegate)GetAsync)
            .Returns<AssistantResource>().ReturnsProblem(404).WithSummary("Get an assistant, by its id or its graph's");
    }

    private async Task SearchAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantSearch);
        var limit = Requests.CheckLimit(body.Limit ?? 10, options);
        var offset = Requests.CheckOffset(body.Offset ?? 0);
        var select = Selection.Read(body.Select, "select", Members);
        var matches = Sort(Find(body), body.SortBy, ThreadJson.ParseDescending(body.SortOrder)).ToList();
        var page = matches.Skip(offset).Take(limit).ToList();
        http.Response.Headers["X-Pagination-Total"] = matches.Count.ToString(CultureInfo.InvariantCulture);
        if (offset + page.Count < matches.Count)
        {
            http.Response.Headers["X-Pagination-Next"] = (offset + page.Count).ToString(CultureInfo.InvariantCulture);
        }

        await JsonResponse.WriteListAsync(http, page, Selection.Of<AssistantRecord>(select, Write));
    }

    private async Task CountAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantSearch);
        await JsonResponse.WriteAsync(http, Find(body).Count(), static (writer, count) => writer.WriteNumberValue(count));
    }

    private async Task GetAsync(HttpContext http, string assistant_id)
    {
        var assistant = assistants.Find(assistant_id)
            ?? throw new WeftException(ProblemKind.NotFound, $"Assistant {assistant_id} not found");
        await JsonResponse.WriteAsync(http, assistant, Write);
    }

    private IEnumerable<AssistantRecord> Find(AssistantSearch body)
    {
        var metadata = body.Metadata is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Object) }
            ? throw Requests.Invalid("metadata", "It must be an object.")
            : body.Metadata;
        return assistants.All.Where(assistant =>
            (body.GraphId is null || assistant.Graph.GraphId == body.GraphId)
            && (body.Name is null || assistant.Name.Contains(body.Name, StringComparison.OrdinalIgnoreCase))
            && (metadata is not { ValueKind: JsonValueKind.Object } wanted || JsonContainment.Contains(assistant.Metadata, wanted)));
    }

    private static IEnumerable<AssistantRecord> Sort(IEnumerable<AssistantRecord> found, string? sortBy, bool descending)
    {
        Func<AssistantRecord, object> key = sortBy switch
        {
            null or "created_at" => assistant => assistant.CreatedAt,
            "updated_at" => assistant => assistant.UpdatedAt,
            "assistant_id" => assistant => assistant.AssistantId.ToString(),
            "graph_id" => assistant => assistant.Graph.GraphId,
            "name" => assistant => assistant.Name,
            _ => throw Requests.Invalid("sort_by", $"'{sortBy}' is none of assistant_id, graph_id, name, created_at, updated_at."),
        };
        return descending ? found.OrderByDescending(key) : found.OrderBy(key);
    }

    private static void Write(Utf8JsonWriter writer, AssistantRecord assistant)
    {
        writer.WriteStartObject();
        writer.WriteString("assistant_id"u8, assistant.AssistantId.Value);
        writer.WriteString("graph_id"u8, assistant.Graph.GraphId);
        writer.WriteString("name"u8, assistant.Name);
        writer.WriteString("description"u8, assistant.Description);
        writer.WritePropertyName("config"u8);
        assistant.Graph.Config.WriteTo(writer);
        writer.WritePropertyName("context"u8);
        assistant.Graph.Context.WriteTo(writer);
        writer.WritePropertyName("metadata"u8);
        assistant.Metadata.WriteTo(writer);
        writer.WriteNumber("version"u8, assistant.Version);
        writer.Time("created_at"u8, assistant.CreatedAt);
        writer.Time("updated_at"u8, assistant.UpdatedAt);
        writer.WriteEndObject();
    }
}
