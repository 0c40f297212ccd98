using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Describes the JSON body of an endpoint.</summary>
internal static class AcceptsJsonExtensions
{
    /// <summary>
    /// Declares a JSON body. Bodies are read as JSON with any content type (docs/protocol/README.md A2); without <c>*/*</c>, routing would
    /// refuse the others.
    /// </summary>
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>(JsonResponse.ContentType, "*/*");
}
