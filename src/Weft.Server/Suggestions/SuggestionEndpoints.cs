using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Questions that a user may ask next, below <c>/api/threads</c> (docs/protocol/gateway.md B10).</summary>
internal sealed class SuggestionEndpoints(Mount mount, Suggestions suggestions, WeftServerOptions options)
{
    private const int CountMax = 5;
    private const int CountUsual = 3;

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/threads/{thread_id}/suggestions", (Delegate)SuggestAsync).WithAccess(Threads, Read)
            .WithTags("Suggestions").AcceptsJson<SuggestionsRequest>().Returns<SuggestionsResponse>().ReturnsProblem(422)
            .WithSummary("Suggest questions that the user may ask next");

    private async Task SuggestAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.SuggestionsRequest, isRequired: true);
        var messages = body.Messages ?? throw Requests.Invalid("messages", "Field required");
        for (var i = 0; i < messages.Count; i++)
        {
            Check(messages[i], $"messages[{i}]");
        }

        var count = body.N ?? CountUsual;
        if (count is < 1 or > CountMax)
        {
            throw Requests.Invalid("n", $"It must be at least 1 and at most {CountMax}.");
        }

        var found = await suggestions.SuggestAsync(http, threadId, messages, (int)count, body.ModelName);
        await JsonResponse.WriteAsync(http, found, static (writer, found) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("suggestions"u8);
            foreach (var suggestion in found)
            {
                writer.WriteStringValue(suggestion);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static void Check(SuggestionMessage? message, string field)
    {
        if (message is null)
        {
            throw Requests.Invalid(field, "It must be an object with a role and a content.");
        }

        _ = message.Role ?? throw Requests.Invalid(field + ".role", "Field required");
        _ = message.Content ?? throw Requests.Invalid(field + ".content", "Field required");
    }
}
