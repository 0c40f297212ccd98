using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The store of long-term items (docs/protocol/store.md B8).</summary>
internal sealed class ItemEndpoints(ItemsFacade items, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/store").WithTags("Store").ReturnsProblem(422);
        routes.MapPut("/items", (Delegate)PutAsync).WithAccess(Store, Put)
            .AcceptsJson<StorePutRequest>().ReturnsNothing().ReturnsProblem(400).WithSummary("Put an item");
        routes.MapMethods("/items", Verbs.Read, (Delegate)GetAsync).WithAccess(Store, Get)
            .Reads(
                Parameters.Query("namespace", "The labels of the namespace.", Parameters.List(Parameters.Text()), isRequired: true),
                Parameters.Query("key", "The key in the namespace.", Parameters.Text(), isRequired: true),
                Parameters.Query(
                    "refresh_ttl",
                    "Whether the read prolongs the life of the item. Missing means the server's default.",
                    Parameters.Flag()))
            .ReturnsOrNull<ItemResource>().WithSummary("Get an item, or null");
        routes.MapDelete("/items", (Delegate)DeleteAsync).WithAccess(Store, Delete)
            .AcceptsJson<StoreDeleteRequest>().ReturnsNothing().WithSummary("Delete an item");
        routes.MapPost("/items/search", (Delegate)SearchAsync).WithAccess(Store, Search)
            .AcceptsJson<StoreSearchRequest>().Returns<SearchItemsResponse>().WithSummary("Search the items below a namespace");
        routes.MapPost("/namespaces", (Delegate)ListNamespacesAsync).WithAccess(Store, ListNamespaces)
            .AcceptsJson<StoreListNamespacesRequest>().Returns<ListNamespaceResponse>().WithSummary("List namespaces");
    }

    private async Task PutAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.StorePutRequest);
        var ns = ReadNamespace(body.Namespace ?? throw Requests.Invalid("namespace", "Field required"), "namespace");
        if (ns.Count == 0)
        {
            throw new WeftException(ProblemKind.BadRequest, "The namespace of an item has at least one label.", "namespace");
        }

        AuditItem(http, ns, body.Key);
        await StoreOf(http).PutAsync(
            ns,
            body.Key ?? throw Requests.Invalid("key", "Field required"),
            body.Value is { ValueKind: not JsonValueKind.Null } value ? value : throw Requests.Invalid("value", "Field required"),
            new ItemOptions { TimeToLive = ItemJson.ReadTimeToLive(body.Ttl), IndexedPaths = ItemJson.ReadIndex(body.Index) },
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task GetAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var ns = query.ContainsKey("namespace")
            ? ReadNamespace(StoreNamespace.Labels(http), "query.namespace")
            : throw Requests.Invalid("query.namespace", "Field required");
        var key = query.TryGetValue("key", out var given) ? given.ToString() : throw Requests.Invalid("query.key", "Field required");
        var refresh = Requests.ReadFlag(http, "refresh_ttl");
        await JsonResponse.WriteAsync(http, await StoreOf(http).FindAsync(ns, key, refresh, http.RequestAborted), ItemJson.WriteOrNull);
    }

    private async Task DeleteAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.StoreDeleteRequest);
        var ns = ReadNamespace(body.Namespace ?? throw Requests.Invalid("namespace", "Field required"), "namespace");
        AuditItem(http, ns, body.Key);
        await StoreOf(http).DeleteAsync(ns, body.Key ?? throw Requests.Invalid("key", "Field required"), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task SearchAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.StoreSearchRequest);
        var query = new ItemQuery
        {
            Filter = body.Filter is { ValueKind: not JsonValueKind.Null } filter ? ItemFilter.FromJson(filter) : null,
            Query = body.Query,
            Limit = Requests.CheckLimit(body.Limit ?? 10, options),
            Offset = Requests.CheckOffset(body.Offset ?? 0),
            Refresh = body.RefreshTtl,
        };
        var labels = body.NamespacePrefix ?? throw Requests.Invalid("namespace_prefix", "Field required");
        var prefix = ReadNamespace(labels, "namespace_prefix");
        var found = await StoreOf(http).OpenPageAsync(prefix, query, http.RequestAborted);
        await JsonResponse.WriteListAsync(http, "items", found, ItemJson.WriteFound);
    }

    private async Task ListNamespacesAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.StoreListNamespacesRequest);
        var query = new NamespaceQuery
        {
            Prefix = ReadNamespace(body.Prefix, "prefix"),
            Suffix = ReadNamespace(body.Suffix, "suffix"),
            MaxDepth = body.MaxDepth is < 1
                ? throw Requests.Invalid("max_depth", "It must be at least 1.")
                : (int?)Math.Min(body.MaxDepth ?? int.MaxValue, int.MaxValue),
            Limit = Requests.CheckLimit(body.Limit ?? 100, options),
            Offset = Requests.CheckOffset(body.Offset ?? 0),
        };
        await JsonResponse.WriteAsync(http, await StoreOf(http).ListNamespacesAsync(query, http.RequestAborted), ItemJson.WriteNamespaces);
    }

    private static void AuditItem(HttpContext http, ItemNamespace ns, string? key)
    {
        AuditedCall.Add(http, "namespace", ns);
        AuditedCall.Add(http, "key", key ?? "");
    }

    private IStore StoreOf(HttpContext http) => items.For(Requests.ActorOf(http));

    private static ItemNamespace ReadNamespace(IReadOnlyList<string>? labels, string field)
    {
        try
        {
            return ItemNamespace.Create([.. labels ?? []]);
        }
        catch (InvalidItemException e)
        {
            throw Requests.Invalid(field, e.Message);
        }
    }
}
