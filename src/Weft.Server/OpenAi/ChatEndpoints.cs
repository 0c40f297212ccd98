using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Chat completions of OpenAI's API (docs/protocol/openai.md 2).</summary>
internal sealed class ChatEndpoints(
    Mount mount, OpenAiSpecs specs, RunsFacade runs, ChatThread threads, ReplyReader replies, OpenStreams streams,
    WeftServerOptions options)
{
    private const string ThreadHeader = "x-thread-id";

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/v1/chat").WithTags("OpenAI").WithMetadata(OpenAiRoute.Instance)
            .MapPost("/completions", (Delegate)CreateAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<ChatCompletionRequest>().ReturnsJsonOrEvents().ReturnsProblem(400, 404)
            .WithSummary("Answer a conversation as OpenAI's chat completions do");

    private async Task CreateAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, OpenAiJsonContext.Default.ChatCompletionRequest, isRequired: true);
        using var stream = body.Stream == true ? streams.Open(http) : null;
        var actor = Requests.ActorOf(http);
        var turn = Read(http, body);
        if (turn.ThreadId is not null)
        {
            turn = await threads.ContinueAsync(actor, turn, http.RequestAborted);
        }

        var spec = await specs.SpecOfAsync(http, turn);
        var (run, reader) = await runs.CreateAndStreamAsync(actor, spec, http.RequestAborted);
        using (reader)
        {
            ReplyHeaders.SetRun(http, mount, run, turn.KeepsThread);
            var completion = new ChatCompletion(run, turn.Model!, turn.KeepsThread);
            if (body.Stream == true)
            {
                await StreamAsync(http, run, reader, completion, body.StreamOptions?.IncludeUsage == true);
            }
            else
            {
                await WriteAsync(http, run, reader, completion);
            }
        }
    }

    private OpenAiTurn Read(HttpContext http, ChatCompletionRequest body)
    {
        if (body.N is not (null or 1))
        {
            throw Requests.Invalid("n", "It must be 1: an assistant gives one answer.");
        }

        var threadId = ReadThreadId(http, body.Metadata);
        return new OpenAiTurn
        {
            Model = body.Model,
            ThreadId = threadId,
            Messages = ChatMessages.Read(body.Messages),
            Settings = body,
            Metadata = body.Metadata,
            User = body.User,
            KeepsThread = threadId is not null,
        };
    }

    private ThreadId? ReadThreadId(HttpContext http, JsonElement? metadata)
    {
        if (metadata is { ValueKind: JsonValueKind.Object } given && new OpenAiFields(given, "metadata").Text("thread_id") is { } id)
        {
            return Requests.ReadThreadId(mount, id, "metadata.thread_id");
        }

        return http.Request.Headers[ThreadHeader] is [{ Length: > 0 } header, ..]
            ? Requests.ReadThreadId(mount, header, ThreadHeader)
            : null;
    }

    private async Task WriteAsync(HttpContext http, RunRecord run, RunStreamReader reader, ChatCompletion completion)
    {
        var reply = new Reply();
        var end = await replies.ReadAsync(http, run, reader, reply);
        if (end == ReplyEnd.Complete)
        {
            await (reply.Failure is { } failure
                ? OpenAiErrors.WriteAsync(http, failure)
                : JsonResponse.WriteAsync(http, (completion, reply), static (writer, s) => s.completion.Write(writer, s.reply)));
        }
        else if (end != ReplyEnd.Disconnected)
        {
            await OpenAiErrors.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, end.Describe(), null);
        }
    }

    private async Task StreamAsync(
        HttpContext http, RunRecord run, RunStreamReader reader, ChatCompletion completion, bool includeUsage)
    {
        EventStreams.SetHeaders(http);
        var output = http.Response.BodyWriter;
        var chunks = new ChatChunks(output, completion, includeUsage);
        chunks.Begin();
        var reply = new Reply(chunks);
        var end = await replies.ReadAsync(http, run, reader, reply, output, cancels: true);
        if (end == ReplyEnd.Disconnected)
        {
            return;
        }

        if (end == ReplyEnd.Complete)
        {
            chunks.End(reply);
        }
        else
        {
            chunks.Break(end.Describe());
        }

        await output.FlushAsync(http.RequestAborted);
    }
}
