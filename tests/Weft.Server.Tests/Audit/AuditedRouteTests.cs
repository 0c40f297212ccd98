using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests.Access;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Audit;

/// <summary>A line is written for each route that changes something.</summary>
public sealed class AuditedRouteTests
{
    private static readonly AccessAction[] Changes =
        [AccessAction.Create, AccessAction.Update, AccessAction.Delete, AccessAction.CreateRun, AccessAction.Put];

    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["POST /threads"] = "{}",
        ["POST /assistants"] = """{"graph_id":"echo"}""",
        ["PUT /store/items"] = """{"namespace":["x"],"key":"k","value":{}}""",
        ["PUT /threads/{thread_id}/runs/{run_id}/feedback"] = """{"rating":1}""",
        ["POST /threads/{thread_id}/runs/{run_id}/feedback"] = """{"rating":1}""",
    };

    [Fact]
    public async Task Each_route_that_changes_something_has_a_line_with_ids()
    {
        await using var audited = await AuditServer.StartAsync();
        var (silent, withoutId, changed) = (new List<string>(), new List<string>(), 0);
        foreach (var (method, pattern) in Routes(audited.Server))
        {
            var own = await Tenant.CreateAsync(audited.Api, Ada);
            audited.Take();
            var lines = await SendAsync(audited, method, pattern, own);
            if (!lines.Exists(static line => line.EventId == 1))
            {
                lines = await SendAsync(audited, method, pattern, Tenant.Nobody());
            }

            var name = $"{method} {pattern}";
            if (lines.Count == 0)
            {
                silent.Add(name);
            }

            changed += lines.Exists(static line => line.EventId == 1) ? 1 : 0;
            if (lines.Exists(static line => line.EventId == 1 && line.Fields.Count == 6))
            {
                withoutId.Add(name);
            }
        }

        silent.ShouldBeEmpty("These routes change something without a line of the audit log.");
        withoutId.ShouldBeEmpty("Add the ids with AuditedCall.Add.");
        changed.ShouldBeGreaterThan(40);
    }

    /// <summary>Sends the requests of a route, and returns its lines.</summary>
    private static async Task<List<AuditServer.Recorded>> SendAsync(AuditServer audited, string method, string pattern, Tenant of)
    {
        var requests = Bodies.TryGetValue($"{method} {WithoutMount(pattern)}", out var body)
            ? TenantRequests.Of(method, pattern).Take(1).Select(request => (request.Path, (string?)body))
            : TenantRequests.Of(method, pattern);
        foreach (var (path, given) in requests.ToList())
        {
            await audited.Api.SendAsync(
                new HttpMethod(method), TenantRequests.Fill(path, of.IdOf), given is null ? null : TenantRequests.Fill(given, of.IdOf), Ada);
        }

        return [.. audited.Take().Where(line => line.Field("Route") == $"{method} {pattern}")];
    }

    private static string WithoutMount(string pattern) => pattern.StartsWith("/api/", StringComparison.Ordinal) ? pattern[4..] : pattern;

    /// <summary>The routes at the root and below <c>/api</c>. Those of the older prefixes are the same.</summary>
    private static List<(string Method, string Pattern)> Routes(TestServer server) =>
    [
        .. from route in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           where route.Metadata.GetMetadata<RouteAccess>() is { } access && Changes.Contains(access.Action)
           let pattern = route.RoutePattern.RawText!.TrimEnd('/')
           where !pattern.StartsWith("/api/langgraph", StringComparison.Ordinal)
           from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
           select (method, pattern),
    ];
}
