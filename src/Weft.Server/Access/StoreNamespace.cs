using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Finds the namespace that a call of the store is for, before the call is read.</summary>
internal static class StoreNamespace
{
    /// <summary>Returns the namespace, or the one that a search begins with. A wrong one is empty; the call refuses it.</summary>
    public static ItemNamespace Read(HttpContext http, AccessAction action, JsonElement body)
    {
        try
        {
            return ItemNamespace.Create(action switch
            {
                AccessAction.Get => Labels(http),
                AccessAction.Search => Of(body, "namespace_prefix"),
                AccessAction.ListNamespaces => Of(body, "prefix"),
                _ => Of(body, "namespace"),
            });
        }
        catch (Exception e) when (e is InvalidItemException or Runs.WeftException)
        {
            return ItemNamespace.Root;
        }
    }

    /// <summary>
    /// Reads the labels of <c>?namespace=users.u1</c>, of a JSON array or of repeated keys. Labels may contain commas, so commas do
    /// not separate them as in other lists.
    /// </summary>
    public static string[] Labels(HttpContext http)
    {
        var values = http.Request.Query["namespace"];
        return values is [['[', ..]] ? [.. Requests.ReadList(http, "namespace")!]
            : values is [] or [""] ? []
            : [.. values.SelectMany(value => value!.Split('.'))];
    }

    private static string[] Of(JsonElement body, string member) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out var labels) && labels.ValueKind == JsonValueKind.Array
        && labels.EnumerateArray().All(static label => label.ValueKind == JsonValueKind.String)
            ? [.. labels.EnumerateArray().Select(static label => label.GetString()!)]
            : [];
}
