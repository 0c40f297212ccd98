using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The scores that are given with the URLs of the event <c>feedback</c> (docs/protocol/feedback.md B12).</summary>
internal sealed class FeedbackScoreEndpoints(
    Mount mount, RunsFacade runs, FeedbackFacade feedback, FeedbackUrls urls, WeftServerOptions options)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        // The token in the URL is what authorizes the call.
        endpoints.MapPost(FeedbackUrls.Path + "/{token}", (Delegate)PutAsync).WithMetadata(OpenRoute.Instance)
            .WithAccess(Threads, Update).WithTags("Feedback").AcceptsJson<FeedbackTokenCreate>().ReturnsNothing().ReturnsProblem(404, 422)
            .WithSummary("Give a score for a key, with a URL of the event feedback");
        endpoints.MapMethods("/weft/threads/{thread_id}/runs/{run_id}/feedback", Verbs.Read, (Delegate)ListAsync).WithAccess(Threads, Read)
            .WithTags("Feedback").Returns<List<FeedbackResource>>().ReturnsProblem(404, 422)
            .WithSummary("List the ratings and scores of a run, oldest first");
    }

    private async Task PutAsync(HttpContext http, string token)
    {
        var allowed = await urls.ReadAsync(token, http.RequestAborted) ?? throw NotFound();
        AuditedCall.Add(http, "thread_id", allowed.Run.ThreadId);
        AuditedCall.Add(http, "run_id", allowed.Run.RunId);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.FeedbackTokenCreate);
        var score = ReadScore(body.Score);
        CheckSize(body.Value, "value");
        CheckSize(body.Correction, "correction");
        CheckSize(body.Metadata, "metadata");
        if (body.Metadata is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw Requests.Invalid("metadata", "It must be an object.");
        }

        var details = FeedbackJson.DetailsOf(body);
        if (!await feedback.PutScoreAsync(allowed.Run, allowed.Key, score, body.Comment, details, http.RequestAborted))
        {
            throw NotFound();
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ListAsync(HttpContext http, string thread_id, string run_id)
    {
        var run = await runs.GetAsync(
            Requests.ActorOf(http), Requests.ReadThreadId(mount, thread_id), Requests.ReadRunId(mount, run_id), http.RequestAborted);
        await JsonResponse.WriteListAsync(http, await feedback.ListAsync(run, http.RequestAborted), FeedbackJson.Write);
    }

    private static double? ReadScore(JsonElement? score) => score switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => 1,
        { ValueKind: JsonValueKind.False } => 0,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var given) && double.IsFinite(given) => given,
        _ => throw Requests.Invalid("score", "It must be a number or a boolean."),
    };

    private void CheckSize(JsonElement? value, string field) => feedback.Check(value?.GetRawText(), field);

    /// <summary>A forged token, an expired one and one of a deleted run have the same answer.</summary>
    private static WeftException NotFound() => new(ProblemKind.NotFound, "This URL for feedback does not exist, or has expired.");
}
