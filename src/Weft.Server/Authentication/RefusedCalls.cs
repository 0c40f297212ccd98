using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Weft.Server;

/// <summary>
/// Gives the calls of the API that authorization refuses the protocol's error body (docs/protocol/errors.md A3), with any
/// authentication scheme of the application.
/// </summary>
internal sealed class RefusedCalls(AuditLog audit) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _framework = new();

    /// <summary>Adds it unless the application has a handler of its own.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var registered = services.LastOrDefault(service => service.ServiceType == typeof(IAuthorizationMiddlewareResultHandler));
        if (registered is null || registered.ImplementationType == typeof(AuthorizationMiddlewareResultHandler))
        {
            services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusedCalls>();
        }
    }

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        authorizeResult.Succeeded ? next(context) : RefuseAsync(next, context, policy, authorizeResult);

    private async Task RefuseAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        await _framework.HandleAsync(next, context, policy, authorizeResult);
        if (!context.Response.HasStarted && context.GetEndpoint()?.Metadata.GetMetadata<WeftEndpoint>() is not null)
        {
            await AnswerAsync(context, audit);
        }
    }

    /// <summary>
    /// Writes the body of a call that is refused with the status and the headers of the response. A request for a socket is accepted
    /// and closed.
    /// </summary>
    public static async Task AnswerAsync(HttpContext http, AuditLog audit)
    {
        if (DetailOf(http.Response) is not { } detail)
        {
            return;
        }

        if (AuditedCall.Of(audit, http, isGateway: false, ActorFilter.IdOf(http.User)) is { } call)
        {
            call.Write(http.Response.StatusCode);
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<SocketRoute>() is not null && Sockets.IsRequest(http))
        {
            var options = http.RequestServices.GetRequiredService<IOptions<WeftServerOptions>>().Value;
            http.Response.Headers.WWWAuthenticate = default;
            await Sockets.RefuseAsync(http, options, http.Response.StatusCode, detail);
            return;
        }

        await Problems.WriteAsync(http, http.Response.StatusCode, detail, null, false);
    }

    /// <summary>Other statuses, such as a redirect to a login, keep their answer.</summary>
    private static string? DetailOf(HttpResponse response) => response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => response.Headers.WWWAuthenticate.ToString().Contains("error=", StringComparison.Ordinal)
            ? "The credentials are unknown, revoked or expired."
            : "The request has no credentials that this server accepts.",
        StatusCodes.Status403Forbidden => "The caller may not do this.",
        _ => null,
    };
}
