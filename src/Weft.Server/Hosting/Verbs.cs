using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Methods of HTTP for <c>MapMethods</c>. Routes are mapped by the framework's own methods only, because a compile-time generator
/// replaces the calls to them.
/// </summary>
internal static class Verbs
{
    /// <summary>GET, and HEAD with the same headers. The server omits the body of HEAD.</summary>
    public static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];
}
