using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Sets headers of answers of OpenAI's API.</summary>
internal static class ReplyHeaders
{
    /// <summary>
    /// Sets the header that names the run, as the first protocol has it (docs/protocol/README.md A5), and the one that keeps
    /// clients from repeating the request if the answer is an error, because that would be another run.
    /// </summary>
    public static void SetRun(HttpContext http, Mount mount, RunRecord run, bool isKept)
    {
        var prefix = mount.Path.Of(http.Request);
        http.Response.Headers["x-should-retry"] = "false";
        http.Response.Headers.ContentLocation = isKept ? $"{prefix}/threads/{run.ThreadId}/runs/{run.RunId}" : $"{prefix}/runs/{run.RunId}";
    }
}
