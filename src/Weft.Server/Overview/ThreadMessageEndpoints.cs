using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Pages of the messages of a thread, with their origin (docs/protocol/weft.md 4).</summary>
internal sealed class ThreadMessageEndpoints(Mount mount, ThreadMessages messages, WeftServerOptions options)
{
    private const int MessagesLimit = 50;

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/threads/{thread_id}/messages", Verbs.Read, (Delegate)ListAsync).WithAccess(Threads, Read)
            .WithTags("Overview").ReturnsProblem(404, 422)
            .Reads(
                Parameters.Limit,
                Parameters.Query("before", "Only messages with a smaller index. Missing means all.", Parameters.Whole(0)),
                Parameters.Query("checkpoint_id", "The checkpoint. Missing means the newest.", Parameters.Text()),
                Parameters.Query("checkpoint_ns", "The namespace of a subgraph. Missing means the graph of the thread.", Parameters.Text()),
                Parameters.Query("channel", "The channel of the messages. Missing means messages.", Parameters.Text()))
            .Returns<ThreadMessagesResponse>().WithSummary("List the last messages of a state, with what brought each");

    private async Task ListAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var limit = Requests.CheckLimit(Requests.ReadNumber(http, "limit") ?? MessagesLimit, options, "query.limit");
        int? before = Requests.ReadNumber(http, "before") is { } given ? Requests.CheckOffset(given, "query.before") : null;
        var query = http.Request.Query;
        var address = new CheckpointAddress(
            query["checkpoint_id"] is [{ Length: > 0 } id] ? id : null, query["checkpoint_ns"].ToString());
        var channel = query["channel"] is [{ Length: > 0 } name] ? name : "messages";
        var page = await messages.ReadAsync(
            Requests.ActorOf(http), threadId, address, channel, before, limit, http.RequestAborted);
        var next = page.First > 0 ? page.First : (int?)null;
        await JsonResponse.WriteListAsync(http, "messages", page.Messages, Write, writer =>
        {
            writer.WriteNumber("total"u8, page.Total);
            writer.Number("next"u8, next);
        });
    }

    private static void Write(Utf8JsonWriter writer, ThreadMessage message)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, message.Index);
        writer.WritePropertyName("message"u8);
        writer.WriteRawValue(message.Json.Span, skipInputValidation: true);
        writer.WriteString("checkpoint_id"u8, message.Place?.CheckpointId.ToString());
        writer.WriteString("parent_checkpoint_id"u8, message.Place?.ParentId?.ToString());
        writer.WriteString("run_id"u8, message.Place?.RunId?.ToString());
        writer.WriteString("node"u8, message.Node);
        writer.WriteEndObject();
    }
}
