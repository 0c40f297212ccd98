using System.Net;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The one whose requests and streams are counted together.</summary>
/// <param name="Actor">The id of the actor; empty for anonymous callers.</param>
/// <param name="Address">The remote address of anonymous callers, as far as it is known.</param>
internal readonly record struct Caller(string Actor, IPAddress? Address)
{
    /// <summary>Returns the caller of a request.</summary>
    public static Caller Of(HttpContext http) =>
        Requests.ActorOf(http).Id is { Length: > 0 } actor ? new(actor, null) : new("", http.Connection.RemoteIpAddress);
}
