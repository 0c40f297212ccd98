using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The tokens that the models of a thread's runs took (docs/protocol/runs.md B14).</summary>
internal sealed class ThreadUsageEndpoints(Mount mount, RunsFacade runs)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/threads/{thread_id}/usage", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read)
            .WithTags("Threads").Returns<ThreadUsageResource>().ReturnsProblem(404, 422)
            .WithSummary("Get the tokens that the models of a thread's runs took");

    private async Task GetAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var usage = await runs.SumUsageAsync(Requests.ActorOf(http), threadId, http.RequestAborted);
        await JsonResponse.WriteAsync(http, (threadId, usage), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("thread_id"u8, s.threadId.Value);
            writer.WriteNumber("runs"u8, s.usage.Runs);
            writer.WritePropertyName("usage"u8);
            s.usage.Usage.WriteTo(writer);
            writer.WriteEndObject();
        });
    }
}
