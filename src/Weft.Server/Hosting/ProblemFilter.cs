using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Turns an exception into the protocol's error body (docs/protocol/errors.md A3). A client never sees a message that was not
/// written for it.
/// </summary>
internal sealed partial class ProblemFilter(Mount mount) : IEndpointFilter
{
    private const string RetrySeconds = "5";

    // A failed call may have set these already. Headers of the application's own middleware are kept.
    private static readonly string[] OwnHeaders = ["Content-Location", "Location", PageHeaders.Total, PageHeaders.Next];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            if (!http.Response.HasStarted)
            {
                // Nobody receives it, but logs and metrics must not take the call for one that succeeded.
                http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            return Results.Empty;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, e);
            return Results.Empty;
        }
    }

    /// <summary>Answers that storage can't be used, with the time after which the caller may try again.</summary>
    public static Task RefuseForNowAsync(HttpContext http, StorageUnavailableException storage)
    {
        if (storage.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var status = storage.Fault == StorageFault.Full
            ? StatusCodes.Status507InsufficientStorage
            : StatusCodes.Status503ServiceUnavailable;
        return Problems.WriteAsync(http, status, storage.Message, null, false);
    }

    private Task AnswerAsync(HttpContext http, Exception exception)
    {
        foreach (var name in OwnHeaders)
        {
            http.Response.Headers.Remove(name);
        }

        switch (exception)
        {
            case WeftException { Kind: ProblemKind.Overloaded } overloaded:
                http.Response.Headers.RetryAfter = RetrySeconds;
                return Problems.WriteAsync(http, StatusCodes.Status429TooManyRequests, overloaded.Message, null, false);
            case WeftException { Kind: ProblemKind.Unavailable } unavailable:
                http.Response.Headers.RetryAfter = RetrySeconds;
                return Problems.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, unavailable.Message, null, false);
            case WeftException problem:
                var asList = mount.IsGateway && problem.Kind == ProblemKind.Invalid;
                return Problems.WriteAsync(http, StatusOf(problem.Kind), problem.Message, problem.Field, asList);
            case InvalidItemException item:
                return Problems.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, item.Message, item.Field, mount.IsGateway);
            case UnreadableCheckpointException unreadable:
                return Problems.WriteAsync(http, StatusCodes.Status409Conflict, unreadable.Message, null, false);
            case StorageUnavailableException storage:
                // Not logged here: storage logs it once, because a line for each request would fill a full disk further.
                return RefuseForNowAsync(http, storage);
            case BadHttpRequestException bad:
                return Problems.WriteAsync(http, bad.StatusCode, bad.Message, null, false);
            default:
                var logger = http.RequestServices.GetRequiredService<ILogger<ProblemFilter>>();
                LogFailed(logger, http.Request.Method, http.Request.Path, exception);
                return Problems.WriteAsync(http, StatusCodes.Status500InternalServerError, "Internal server error", null, false);
        }
    }

    /// <summary>Returns the status of a refused call, unless a limit is the reason.</summary>
    public static int StatusOf(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.BadRequest => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status501NotImplemented,
    };

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string method, string path, Exception exception);
}
