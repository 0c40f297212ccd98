using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;

namespace Weft.Server;

/// <summary>The deliveries of webhooks (docs/protocol/webhooks.md C9).</summary>
internal sealed class WebhookEndpoints(Mount mount, WebhooksFacade webhooks, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/weft/webhooks").WithTags("Webhooks").ReturnsProblem(422);
        routes.MapMethods("", Verbs.Read, (Delegate)ListAsync).WithAccess(AccessResource.Server, Search)
            .Reads(
                Parameters.Query("status", "Only deliveries in this state.", Parameters.Text("pending", "delivered", "failed")),
                Parameters.Limit,
                Parameters.Query("cursor", "The next of the page before. Missing means the first page.", Parameters.Text()))
            .Returns<WebhookList>().WithSummary("List deliveries of webhooks, newest first");
        routes.MapMethods("/{run_id}", Verbs.Read, (Delegate)GetAsync).WithAccess(AccessResource.Server, Read)
            .Returns<WebhookDelivery>().ReturnsProblem(404).WithSummary("Get the delivery of a run's webhook");
        routes.MapPost("/{run_id}/resend", (Delegate)ResendAsync).WithAccess(AccessResource.Server, Update)
            .Returns<WebhookDelivery>().ReturnsProblem(404).WithSummary("Deliver the webhook of a run again");
    }

    private async Task ListAsync(HttpContext http)
    {
        var (query, cursor) = (http.Request.Query, http.Request.Query["cursor"].ToString());
        var limit = Requests.CheckLimit(Requests.ReadNumber(http, "limit") ?? 10, options, "query.limit");
        var found = await webhooks.OpenSearchAsync(
            Requests.ActorOf(http),
            new WebhookQuery
            {
                Status = WebhookJson.ParseStatus(query["status"].ToString()),
                After = cursor.Length == 0 ? null : Requests.ReadRunId(mount with { IsGateway = false }, cursor, "query.cursor"),
                Limit = limit,
            },
            http.RequestAborted);
        RunId? last = null;
        await JsonResponse.WriteListAsync(
            http,
            "webhooks",
            found,
            (writer, webhook) =>
            {
                WebhookJson.Write(writer, webhook);
                last = webhook.RunId;
            },
            writer => writer.WriteString("next"u8, found.Count == limit ? last?.ToString() : null));
    }

    private async Task GetAsync(HttpContext http, string run_id) => await WriteAsync(http, ReadId(run_id));

    private async Task ResendAsync(HttpContext http, string run_id)
    {
        var runId = ReadId(run_id);
        await webhooks.ResendAsync(Requests.ActorOf(http), runId, http.RequestAborted);
        await WriteAsync(http, runId);
    }

    private async Task WriteAsync(HttpContext http, RunId runId) => await JsonResponse.WriteAsync(
        http, await webhooks.GetAsync(Requests.ActorOf(http), runId, http.RequestAborted), WebhookJson.WriteDelivery);

    private RunId ReadId(string runId) => Requests.ReadRunId(mount with { IsGateway = false }, runId);
}
