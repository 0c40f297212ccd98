using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>What all responses of server-sent events have in common (docs/protocol/streaming.md A8).</summary>
internal static class EventStreams
{
    public const string ContentType = "text/event-stream";

    /// <summary>Sets the headers. Proxies neither keep the events nor hold them back.</summary>
    public static void SetHeaders(HttpContext http)
    {
        var headers = http.Response.Headers;
        http.Response.ContentType = ContentType;
        headers.CacheControl = "no-cache";
        headers["X-Accel-Buffering"] = "no";
        if (HttpProtocol.IsHttp11(http.Request.Protocol))
        {
            headers.Connection = "keep-alive";
        }
    }
}
