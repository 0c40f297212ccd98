using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Declares the answer of an endpoint, for the OpenAPI document. A test compares the answers with it.</summary>
internal static class ReturnsExtensions
{
    /// <summary>Declares a JSON answer.</summary>
    public static RouteHandlerBuilder Returns<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<T>(StatusCodes.Status200OK, JsonResponse.ContentType);

    /// <summary>Declares a JSON answer that is null if the resource does not exist.</summary>
    public static RouteHandlerBuilder ReturnsOrNull<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.Returns<T>().WithMetadata(new OrNull());

    /// <summary>Declares server-sent events.</summary>
    public static RouteHandlerBuilder ReturnsEvents(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<string>(StatusCodes.Status200OK, EventStreams.ContentType).WithMetadata(StreamRoute.Instance);

    /// <summary>Declares an answer that is JSON, or server-sent events if the request asks for a stream.</summary>
    public static RouteHandlerBuilder ReturnsJsonOrEvents(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<JsonElement>(StatusCodes.Status200OK, JsonResponse.ContentType, EventStreams.ContentType);

    /// <summary>Declares an answer without a body, in addition to one with a body if that is declared too.</summary>
    public static RouteHandlerBuilder ReturnsNothing(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces(StatusCodes.Status204NoContent);
}

/// <summary>The JSON answer of an endpoint may also be null.</summary>
internal sealed class OrNull;
