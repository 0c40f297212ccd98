using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Describes the graph of an assistant: drawing, schemas, subgraphs (docs/protocol/assistants.md B2).</summary>
internal sealed class GraphEndpoints(AssistantsFacade assistants)
{
    // Graphs can't nest deeper than they may run, so this draws all levels.
    private const int DepthMax = 64;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/assistants/{assistant_id}").WithTags("Assistants").ReturnsProblem(404, 422);
        routes.MapMethods("/graph", Verbs.Read, (Delegate)DrawAsync).WithAccess(Assistants, Read)
            .Reads(Parameters.Query(
                "xray",
                "Whether to draw the subgraphs too, or how many levels of them.",
                Parameters.AnyOf(Parameters.Flag(), Parameters.Whole(0))))
            .Returns<GraphResource>().WithSummary("Get the drawing of an assistant's graph");
        routes.MapMethods("/schemas", Verbs.Read, (Delegate)SchemasAsync).WithAccess(Assistants, Read)
            .Returns<GraphSchemaResource>().WithSummary("Get the JSON schemas of an assistant's graph");
        routes.MapMethods("/subgraphs", Verbs.Read, (Delegate)SubgraphsAsync).WithAccess(Assistants, Read).Reads(Parameters.Recurse)
            .Returns<Dictionary<string, GraphSchemaResource>>().WithSummary("Get the JSON schemas of the graphs inside");
        routes.MapMethods("/subgraphs/{namespace}", Verbs.Read, (Delegate)SubgraphsOfAsync).WithAccess(Assistants, Read)
            .Reads(Parameters.Recurse).Returns<Dictionary<string, GraphSchemaResource>>()
            .WithSummary("Get the JSON schemas of a graph inside");
    }

    private async Task DrawAsync(HttpContext http, string assistant_id)
    {
        var depth = ReadDepth(http);
        var (_, graph) = await FindAsync(http, assistant_id);
        var drawn = DrawnGraph.Of(graph, depth);
        await JsonResponse.WriteAsync(http, drawn, static (writer, drawn) => drawn.WriteTo(writer));
    }

    private async Task SchemasAsync(HttpContext http, string assistant_id)
    {
        var found = await FindAsync(http, assistant_id);
        await JsonResponse.WriteAsync(http, found, static (writer, found) => found.Graph.Schemas.WriteTo(writer, found.GraphId));
    }

    private Task SubgraphsAsync(HttpContext http, string assistant_id) => WriteSubgraphsAsync(http, assistant_id, null);

    private Task SubgraphsOfAsync(HttpContext http, string assistant_id, string @namespace) =>
        WriteSubgraphsAsync(http, assistant_id, @namespace);

    /// <summary>Writes the graph at <paramref name="ns"/>, and with <c>recurse</c> also its subgraphs.</summary>
    private async Task WriteSubgraphsAsync(HttpContext http, string assistant_id, string? ns)
    {
        var recurse = Requests.ReadFlag(http, "recurse") ?? false;
        var (_, graph) = await FindAsync(http, assistant_id);
        var found = graph.Subgraphs(recurse || ns is not null)
            .Where(inside => ns is null || inside.Namespace == ns
                || (recurse && inside.Namespace.StartsWith(ns + "|", StringComparison.Ordinal)));
        await JsonResponse.WriteAsync(http, found, static (writer, found) =>
        {
            writer.WriteStartObject();
            foreach (var (name, inside) in found)
            {
                writer.WritePropertyName(name);
                inside.Schemas.WriteTo(writer, inside.Name);
            }

            writer.WriteEndObject();
        });
    }

    private async Task<(string GraphId, CompiledGraph Graph)> FindAsync(HttpContext http, string id)
    {
        var actor = Requests.ActorOf(http);
        var assistant = await assistants.GetAsync(actor, id, http.RequestAborted);
        return (assistant.GraphId, assistants.GraphOf(actor, assistant));
    }

    private static int ReadDepth(HttpContext http) => http.Request.Query["xray"].ToString() switch
    {
        "" or "false" or "0" => 0,
        "true" => DepthMax,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var depth) && depth <= DepthMax
            ? depth
            : throw Requests.Invalid("query.xray", $"It must be true, false or a number of levels, at most {DepthMax}."),
    };
}
