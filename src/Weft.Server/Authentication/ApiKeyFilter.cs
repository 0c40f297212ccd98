using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Requires an API key. It does in one place what the framework's authentication and authorization do for any scheme, which take as
/// long as a third of a cheap read.
/// </summary>
internal sealed class ApiKeyFilter(
    ApiKeyCache keys, IOptions<WeftApiKeyOptions> options, IOptions<WeftServerOptions> server, AuditLog audit) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        if (metadata.GetMetadata<WeftEndpoint>() is { Kind: not WeftEndpointKind.Route } || metadata.GetMetadata<OpenRoute>() is not null)
        {
            // Unknown paths and preflights, which have no credentials, need no protection.
            return next(context);
        }

        if (WeftApiKeyDefaults.Find(http.Request) is not { } key)
        {
            return RefuseAsync(http, WeftApiKeyDefaults.NoCredentials);
        }

        var found = keys.FindValidAsync(key, options.Value);
        return found is { IsCompletedSuccessfully: true, Result: { } record }
            ? Accept(context, next, record)
            : FinishAsync(found, context, next);
    }

    private ValueTask<object?> Accept(EndpointFilterInvocationContext context, EndpointFilterDelegate next, ApiKeyRecord record)
    {
        var http = context.HttpContext;
        var user = WeftApiKeyDefaults.PrincipalOf(record, WeftApiKeyDefaults.AuthenticationScheme);
        http.User = user;
        http.Features.Set(ActorFilter.ActorOf(server.Value.ActorOf is { } actorOf ? actorOf(http) : record.Owner, user));
        return next(context);
    }

    private async ValueTask<object?> FinishAsync(
        ValueTask<ApiKeyRecord?> finding, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        ApiKeyRecord? record;
        try
        {
            record = await finding;
        }
        catch (StorageUnavailableException e)
        {
            await ProblemFilter.RefuseForNowAsync(context.HttpContext, e);
            return Results.Empty;
        }

        return record is null
            ? await RefuseAsync(context.HttpContext, WeftApiKeyDefaults.NotValid)
            : await Accept(context, next, record);
    }

    private async ValueTask<object?> RefuseAsync(HttpContext http, string challenge)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = challenge;
        await RefusedCalls.AnswerAsync(http, audit);
        return Results.Empty;
    }
}
