using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The versions of assistants (docs/protocol/assistants.md B2).</summary>
internal sealed class AssistantVersionEndpoints(AssistantsFacade assistants, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/assistants/{assistant_id}").WithTags("Assistants").ReturnsProblem(404, 422);
        routes.MapPost("/versions", (Delegate)ListAsync).WithAccess(Assistants, Read)
            .AcceptsJson<AssistantVersionsSearch>().Returns<List<AssistantVersionResource>>()
            .WithSummary("List the versions of an assistant, newest first");
        routes.MapPost("/latest", (Delegate)SetLatestAsync).WithAccess(Assistants, Update)
            .AcceptsJson<AssistantLatest>()
            .Reads(Parameters.Query("version", "The version, in the place of the body.", Parameters.Whole(1)))
            .Returns<AssistantResource>().WithSummary("Make a version of an assistant the current one");
    }

    private async Task ListAsync(HttpContext http, string assistant_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantVersionsSearch);
        var limit = Requests.CheckLimit(body.Limit ?? 10, options);
        var offset = Requests.CheckOffset(body.Offset ?? 0);
        var metadata = AssistantJson.ReadObject(body.Metadata, "metadata");
        var versions = await assistants.OpenVersionsAsync(
            Requests.ActorOf(http), assistant_id, metadata, limit, offset, http.RequestAborted);
        await JsonResponse.WriteListAsync(http, versions, AssistantJson.WriteVersion);
    }

    private async Task SetLatestAsync(HttpContext http, string assistant_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.AssistantLatest);
        var version = body.Version ?? Requests.ReadNumber(http, "version") ?? throw Requests.Invalid("version", "Field required");
        // No assistant has so many versions, nor a negative one.
        var number = (int)Math.Clamp(version, 0, int.MaxValue);
        var latest = await assistants.SetLatestAsync(Requests.ActorOf(http), assistant_id, number, http.RequestAborted);
        await JsonResponse.WriteAsync(http, latest, AssistantJson.Write);
    }
}
