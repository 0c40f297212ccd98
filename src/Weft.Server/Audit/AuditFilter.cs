using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Writes a line of the audit log for each call that changes something: when its answer starts, so that a stream does not have to end
/// first, or when it has ended without one.
/// </summary>
internal sealed class AuditFilter(AuditLog log, bool isGateway) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return AuditedCall.Of(log, http, isGateway) is { } call ? AuditAsync(call, http, context, next) : next(context);
    }

    private static async ValueTask<object?> AuditAsync(
        AuditedCall call, HttpContext http, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        http.Features.Set(call);
        http.Response.OnStarting(() =>
        {
            call.Write(http.Response.StatusCode);
            return Task.CompletedTask;
        });
        try
        {
            return await next(context);
        }
        finally
        {
            call.Write(http.Response.StatusCode);
        }
    }
}
