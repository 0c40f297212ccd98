using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Responses of OpenAI's API (docs/protocol/openai.md 4).</summary>
internal sealed class ResponseEndpoints(
    Mount mount,
    ResponseTurns turns,
    StoredResponses stored,
    OpenAiSpecs specs,
    RunsFacade runs,
    ThreadsFacade threads,
    ReplyReader replies,
    OpenStreams streams,
    WeftServerOptions options)
{
    private const int ItemsLimit = 20;
    private const int ItemsLimitMax = 100;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/v1/responses").WithTags("OpenAI").WithMetadata(OpenAiRoute.Instance).ReturnsProblem(404);
        routes.MapPost("", (Delegate)CreateAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<ResponseRequest>().ReturnsJsonOrEvents().ReturnsProblem(400, 409).WithSummary("Create a response");
        routes.MapMethods("/{response_id}", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read)
            .Reads(
                Parameters.Query("stream", "Whether to stream the events again.", Parameters.Flag()),
                Parameters.Query("starting_after", "The number of the last event that the client has.", Parameters.Whole(0)))
            .ReturnsJsonOrEvents().ReturnsProblem(400).WithSummary("Get a response, or stream its events again");
        routes.MapDelete("/{response_id}", (Delegate)DeleteAsync).WithAccess(Threads, Delete)
            .Returns<JsonElement>().ReturnsProblem(409).WithSummary("Delete a response, with the run and its checkpoints");
        routes.MapPost("/{response_id}/cancel", (Delegate)CancelAsync).WithAccess(Threads, Update)
            .Returns<JsonElement>().WithSummary("Cancel a response that has not ended");
        routes.MapMethods("/{response_id}/input_items", Verbs.Read, (Delegate)ListInputItemsAsync).WithAccess(Threads, Read)
            .Reads(
                Parameters.Limit,
                Parameters.Query("order", "The order of the items. Missing means desc.", Parameters.Text("asc", "desc")),
                Parameters.Query("after", "The id of the last item of the page before.", Parameters.Text()))
            .Returns<JsonElement>().ReturnsProblem(400).WithSummary("List the input of a response");
    }

    private async Task CreateAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, OpenAiJsonContext.Default.ResponseRequest, isRequired: true);
        using var stream = body.Stream == true ? streams.Open(http) : null;
        var turn = await turns.ReadAsync(http, body);
        var spec = await specs.SpecOfAsync(http, turn);
        var actor = Requests.ActorOf(http);
        if (turn.IsBackground && body.Stream != true)
        {
            var created = await runs.CreateBackgroundAsync(actor, spec, http.RequestAborted);
            ReplyHeaders.SetRun(http, mount, created, turn.KeepsThread);
            await WriteAsync(http, new ResponseObject(created, turn.Echo!.Value), new Reply());
            return;
        }

        var (run, reader) = await runs.CreateAndStreamAsync(actor, spec, http.RequestAborted);
        using (reader)
        {
            ReplyHeaders.SetRun(http, mount, run, turn.KeepsThread);
            var response = new ResponseObject(run, turn.Echo!.Value);
            if (body.Stream == true)
            {
                await StreamAsync(http, run, reader, response, -1, cancels: !turn.IsBackground);
            }
            else
            {
                await WaitAsync(http, run, reader, response);
            }
        }
    }

    private async Task GetAsync(HttpContext http, string response_id)
    {
        var actor = Requests.ActorOf(http);
        var isStream = Requests.ReadFlag(http, "stream") ?? false;
        var after = Requests.ReadNumber(http, "starting_after") ?? -1;
        var (run, echo) = await stored.GetAsync(actor, response_id, null, http.RequestAborted);
        var response = new ResponseObject(run, echo);
        if (!isStream)
        {
            await WriteAsync(http, response, await stored.ReadReplyAsync(actor, run, http.RequestAborted));
            return;
        }

        if (!ResponseEcho.IsBackground(echo))
        {
            throw Requests.Invalid("query.stream", "Only the events of a response in the background can be streamed again.");
        }

        using var stream = streams.Open(http);
        using var reader = await runs.JoinStreamAsync(run, -1, null, null, http.RequestAborted);
        await StreamAsync(http, run, reader, response, after, cancels: false);
    }

    private async Task DeleteAsync(HttpContext http, string response_id)
    {
        var actor = Requests.ActorOf(http);
        var (run, echo) = await stored.GetAsync(actor, response_id, null, http.RequestAborted);
        var continues = ResponseEcho.Continues(echo);
        await runs.DeleteAsync(run, http.RequestAborted);
        // The thread of a response that was the first one, and that no other continues, has nothing else.
        if (!continues && (await runs.SearchAsync(actor, run.ThreadId, null, 1, 0, http.RequestAborted)).Count == 0)
        {
            await threads.DeleteAsync(actor, run.ThreadId, http.RequestAborted);
        }

        await JsonResponse.WriteAsync(http, run, static (writer, run) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, ResponseId.Of(run.RunId));
            writer.WriteString("object"u8, "response"u8);
            writer.WriteBoolean("deleted"u8, true);
            writer.WriteEndObject();
        });
    }

    private async Task CancelAsync(HttpContext http, string response_id)
    {
        var actor = Requests.ActorOf(http);
        var (run, echo) = await stored.GetAsync(actor, response_id, null, http.RequestAborted);
        if (run.EndedAt is null)
        {
            await runs.CancelAsync(run, CancelAction.Interrupt, null, http.RequestAborted);
            // It may have ended before the request to cancel it.
            await runs.JoinWaitAsync(actor, run, http.RequestAborted);
            (run, echo) = await stored.GetAsync(actor, response_id, null, http.RequestAborted);
        }

        await WriteAsync(http, new ResponseObject(run, echo), await stored.ReadReplyAsync(actor, run, http.RequestAborted));
    }

    private async Task ListInputItemsAsync(HttpContext http, string response_id)
    {
        var given = Requests.ReadNumber(http, "limit") ?? ItemsLimit;
        var limit = given is >= 1 and <= ItemsLimitMax
            ? (int)given
            : throw Requests.Invalid("query.limit", $"It must be at least 1 and at most {ItemsLimitMax}.");
        var isAscending = Requests.ReadChoice(http, "order", "asc", "desc") == "asc";
        var after = http.Request.Query["after"].ToString();
        var (run, _) = await stored.GetAsync(Requests.ActorOf(http), response_id, null, http.RequestAborted);
        var items = InputItems.Of(await stored.ReadMessagesAsync(run, http.RequestAborted));
        if (!isAscending)
        {
            items.Reverse();
        }

        var first = after.Length == 0 ? 0 : items.FindIndex(item => item.Id == after) + 1;
        if (after.Length > 0 && first == 0)
        {
            throw Requests.Invalid("query.after", $"The response has no item '{after}'.");
        }

        var page = items.Skip(first).Take(limit).ToList();
        await JsonResponse.WriteAsync(http, (page, HasMore: first + page.Count < items.Count), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "list"u8);
            writer.WriteStartArray("data"u8);
            s.page.ForEach(item => item.Write(writer));
            writer.WriteEndArray();
            writer.WriteString("first_id"u8, s.page.FirstOrDefault().Id);
            writer.WriteString("last_id"u8, s.page.LastOrDefault().Id);
            writer.WriteBoolean("has_more"u8, s.HasMore);
            writer.WriteEndObject();
        });
    }

    private async Task WaitAsync(HttpContext http, RunRecord run, RunStreamReader reader, ResponseObject response)
    {
        var reply = new Reply();
        var end = await replies.ReadAsync(http, run, reader, reply);
        if (end == ReplyEnd.Complete)
        {
            await WriteAsync(http, response, reply);
        }
        else if (end != ReplyEnd.Disconnected)
        {
            await OpenAiErrors.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, end.Describe(), null);
        }
    }

    private async Task StreamAsync(
        HttpContext http, RunRecord run, RunStreamReader reader, ResponseObject response, long after, bool cancels)
    {
        EventStreams.SetHeaders(http);
        var output = http.Response.BodyWriter;
        var events = new ResponseEvents(new ResponseFrames(output, after), response);
        events.Begin();
        var reply = new Reply(events);
        var end = await replies.ReadAsync(http, run, reader, reply, output, cancels);
        if (end == ReplyEnd.Disconnected)
        {
            return;
        }

        if (end == ReplyEnd.Complete)
        {
            events.End(reply);
        }
        else
        {
            events.Break(end.Describe());
        }

        await output.FlushAsync(http.RequestAborted);
    }

    private static Task WriteAsync(HttpContext http, ResponseObject response, Reply reply) =>
        JsonResponse.WriteAsync(http, (response, reply), static (writer, s) => s.response.Write(writer, s.reply));
}
