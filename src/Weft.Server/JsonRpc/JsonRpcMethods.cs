using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Calls of a JSON-RPC route, whose methods do different things with different resources.</summary>
internal sealed class JsonRpcMethods(AccessControl access, AuditLog audit, WeftServerOptions options)
{
    /// <summary>Reads the call of a request and answers it. An error of the protocol becomes its answer.</summary>
    public async Task AnswerAsync(HttpContext http, Func<HttpContext, JsonRpcCall, Task> answer)
    {
        try
        {
            await answer(http, await JsonRpcCall.ReadAsync(http, options));
        }
        catch (JsonRpcException e) when (!http.Response.HasStarted)
        {
            await JsonRpcErrors.WriteAsync(http, e);
        }
    }

    /// <summary>Asks the authorization handlers about a method that does more than its route declares, and audits it.</summary>
    /// <exception cref="WeftException">A handler refuses the call.</exception>
    public async Task AuthorizeAsync(HttpContext http, JsonRpcCall call, AccessResource resource, AccessAction action)
    {
        if (audit.IsEnabled)
        {
            var audited = new AuditedCall(audit, http, resource, action) { Command = call.Method };
            http.Features.Set(audited);
            http.Response.OnStarting(() =>
            {
                audited.Write(http.Response.StatusCode);
                return Task.CompletedTask;
            });
        }

        if (access.HasRules)
        {
            http.Features.Set(await access.ScopeAsync(http, Requests.ActorOf(http), resource, action, call.Params));
        }
    }
}
