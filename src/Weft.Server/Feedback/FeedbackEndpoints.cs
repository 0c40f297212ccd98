using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The ratings of runs, below <c>/api/threads</c> (docs/protocol/gateway.md B10).</summary>
internal sealed class FeedbackEndpoints(Mount mount, RunsFacade runs, FeedbackFacade feedback, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/threads/{thread_id}/runs/{run_id}/feedback").WithTags("Feedback").ReturnsProblem(404, 422);
        routes.MapPut("", (Delegate)PutAsync).WithAccess(Threads, Update)
            .AcceptsJson<FeedbackCreateRequest>().Returns<FeedbackResponse>().ReturnsProblem(400)
            .WithSummary("Rate a run, in the place of the ratings that the user has given for it");
        routes.MapPost("", (Delegate)AddAsync).WithAccess(Threads, Update)
            .AcceptsJson<FeedbackCreateRequest>().Returns<FeedbackResponse>().ReturnsProblem(400, 409)
            .WithSummary("Add a rating of a run");
        routes.MapMethods("", Verbs.Read, (Delegate)ListAsync).WithAccess(Threads, Read)
            .Returns<List<FeedbackResponse>>().WithSummary("List the ratings of a run, oldest first");
        routes.MapMethods("/stats", Verbs.Read, (Delegate)CountAsync).WithAccess(Threads, Read)
            .Returns<FeedbackStatsResponse>().WithSummary("Count the ratings of a run");
        routes.MapDelete("", (Delegate)DeleteAllAsync).WithAccess(Threads, Delete)
            .Returns<FeedbackDeleteResponse>().WithSummary("Delete the ratings that the user has given for a run");
        routes.MapDelete("/{feedback_id}", (Delegate)DeleteAsync).WithAccess(Threads, Delete)
            .Returns<FeedbackDeleteResponse>().WithSummary("Delete a feedback on a run");
    }

    private async Task PutAsync(HttpContext http, string thread_id, string run_id)
    {
        var (body, rating) = await ReadBodyAsync(http);
        var run = await FindAsync(http, thread_id, run_id);
        var stored = await feedback.PutRatingAsync(
            Requests.ActorOf(http), run, rating, body.Comment, body.MessageId, http.RequestAborted);
        AuditedCall.Add(http, "feedback_id", stored.FeedbackId);
        await JsonResponse.WriteAsync(http, stored, FeedbackJson.WriteRating);
    }

    private async Task AddAsync(HttpContext http, string thread_id, string run_id)
    {
        var (body, rating) = await ReadBodyAsync(http);
        var run = await FindAsync(http, thread_id, run_id);
        var added = await feedback.AddRatingAsync(
            Requests.ActorOf(http), run, rating, body.Comment, body.MessageId, http.RequestAborted);
        AuditedCall.Add(http, "feedback_id", added.FeedbackId);
        await JsonResponse.WriteAsync(http, added, FeedbackJson.WriteRating);
    }

    private async Task ListAsync(HttpContext http, string thread_id, string run_id) =>
        await JsonResponse.WriteListAsync(http, await ListRatingsAsync(http, thread_id, run_id), FeedbackJson.WriteRating);

    private async Task CountAsync(HttpContext http, string thread_id, string run_id)
    {
        var ratings = await ListRatingsAsync(http, thread_id, run_id);
        var counts = (RunId: Requests.ReadRunId(mount, run_id), Total: ratings.Count, Positive: ratings.Count(given => given.Score > 0));
        await JsonResponse.WriteAsync(http, counts, static (writer, counts) =>
        {
            writer.WriteStartObject();
            writer.WriteString("run_id"u8, counts.RunId.Value);
            writer.WriteNumber("total"u8, counts.Total);
            writer.WriteNumber("positive"u8, counts.Positive);
            writer.WriteNumber("negative"u8, counts.Total - counts.Positive);
            writer.WriteEndObject();
        });
    }

    private async Task DeleteAllAsync(HttpContext http, string thread_id, string run_id)
    {
        var actor = Requests.ActorOf(http);
        var hadAny = await feedback.DeleteRatingsAsync(actor, await FindAsync(http, thread_id, run_id), http.RequestAborted);
        // A server without users reports success in any case (docs/protocol/gateway.md B10).
        await WriteSuccessAsync(http, hadAny || actor.Id.Length == 0);
    }

    private async Task DeleteAsync(HttpContext http, string thread_id, string run_id, string feedback_id)
    {
        var run = await FindAsync(http, thread_id, run_id);
        if (!Requests.TryReadUuid(feedback_id, out var id) || !await feedback.DeleteAsync(run, new FeedbackId(id), http.RequestAborted))
        {
            throw new WeftException(ProblemKind.NotFound, $"Feedback {feedback_id} not found in run {run.RunId}");
        }

        await WriteSuccessAsync(http, true);
    }

    private static Task WriteSuccessAsync(HttpContext http, bool success) =>
        JsonResponse.WriteAsync(http, success, static (writer, success) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success"u8, success);
            writer.WriteEndObject();
        });

    private async Task<(FeedbackCreateRequest Body, int Rating)> ReadBodyAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.FeedbackCreateRequest, isRequired: true);
        return (body, body.Rating switch
        {
            null => throw Requests.Invalid("rating", "Field required"),
            1 or -1 => (int)body.Rating,
            _ => throw new WeftException(ProblemKind.BadRequest, "It must be 1 or -1.", "rating"),
        });
    }

    private async Task<List<FeedbackRecord>> ListRatingsAsync(HttpContext http, string threadId, string runId)
    {
        var all = await feedback.ListAsync(await FindAsync(http, threadId, runId), http.RequestAborted);
        return [.. all.Where(given => given.Key is null)];
    }

    private Task<RunRecord> FindAsync(HttpContext http, string threadId, string runId) => runs.GetAsync(
        Requests.ActorOf(http), Requests.ReadThreadId(mount, threadId), Requests.ReadRunId(mount, runId), http.RequestAborted);
}
