using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The commands of the second protocol over HTTP (docs/protocol/v2.md 2).</summary>
internal sealed class CommandEndpoints(Mount mount, ThreadCommands commands, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/threads/{thread_id}").WithTags("Thread Events").ReturnsProblem(404, 422)
            .MapPost("/commands", (Delegate)ExecuteAsync).WithAccess(Threads, Read)
            .AcceptsJson<CommandRequest>().AcceptsRequestKey().Returns<CommandResponse>()
            .WithSummary("Execute a command on a thread");

    private async Task ExecuteAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var json = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.JsonElement, isRequired: true);
        var call = new CommandCall(Requests.ActorOf(http), threadId, http, http.RequestAborted) { HasOwnRequest = true };
        await JsonResponse.WriteAsync(http, await commands.ExecuteAsync(call, json), CommandAnswer.Write);
    }
}
