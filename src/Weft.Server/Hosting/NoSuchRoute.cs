using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Gives a body to what routing alone answers, below the paths of the API: no such path, or not with this method. The rest of
/// the application answers as it likes.
/// </summary>
internal static class NoSuchRoute
{
    private static readonly PathString[] Paths = ["/api", "/assistants", "/info", "/ok", "/runs", "/store", "/threads"];

    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var response = http.Response;
        if (response is not { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentType: null, ContentLength: null }
            || !Array.Exists(Paths, path => http.Request.Path.StartsWithSegments(path)))
        {
            return;
        }

        await JsonResponse.WriteAsync(http, response.StatusCode, static (writer, status) =>
        {
            writer.WriteStartObject();
            writer.WriteString("detail"u8, status == StatusCodes.Status404NotFound ? "Not Found"u8 : "Method Not Allowed"u8);
            writer.WriteEndObject();
        });
    }
}
