using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Asks the authorization handlers about each call. What they allow becomes part of the call's actor, which scopes every call of
/// storage, so that endpoints check nothing themselves.
/// </summary>
internal sealed class AccessFilter(AccessControl access, WeftServerOptions options) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        if (metadata.GetMetadata<OpenRoute>() is not null)
        {
            return await next(context);
        }

        try
        {
            var route = metadata.GetMetadata<RouteAccess>()
                ?? throw new WeftException(ProblemKind.Forbidden, "This route has no rule for authorization.");
            http.Features.Set(
                await access.ScopeAsync(http, Requests.ActorOf(http), route.Resource, route.ActionOf(http), await ReadValueAsync(http)));
        }
        catch (WeftException e) when (e.Kind == ProblemKind.Forbidden
            && metadata.GetMetadata<SocketRoute>() is not null && Sockets.IsRequest(http))
        {
            await Sockets.RefuseAsync(http, options, StatusCodes.Status403Forbidden, e.Message);
            return Results.Empty;
        }

        return await next(context);
    }

    /// <summary>Returns the body, which the endpoint reads again; undefined if there is none, or if it is not JSON.</summary>
    private async ValueTask<JsonElement> ReadValueAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return default;
        }

        var body = await Requests.BufferBodyAsync(http, options);
        try
        {
            var reader = new Utf8JsonReader(
                BodyText.Read(new ReadOnlySequence<byte>(body)), new JsonReaderOptions { MaxDepth = Requests.BodyDepthMax });
            return body.Length == 0 ? default : JsonElement.ParseValue(ref reader);
        }
        catch (Exception e) when (e is JsonException or WeftException)
        {
            // The endpoint refuses it.
            return default;
        }
    }
}
