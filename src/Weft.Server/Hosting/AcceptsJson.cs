using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Describes the JSON body of an endpoint.</summary>
internal static class AcceptsJsonExtensions
{
    /// <summary>Bodies are JSON, whatever content type they come with (protocol, section A2); without <c>*/*</c> routing would turn others away.</summary>
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>(JsonResponse.ContentType, "*/*");
}
