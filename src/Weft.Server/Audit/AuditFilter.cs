using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Writes a line of the audit log for each call that changes something.</summary>
internal sealed class AuditFilter(AuditLog log, bool isGateway) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (AuditedCall.Of(log, http, isGateway) is { } call)
        {
            http.Features.Set(call);
            call.WriteWithAnswer();
        }

        return next(context);
    }
}
