using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
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
    /// <param name="http">The request.</param>
    /// <param name="call">The call.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="action">What the method does with it.</param>
    /// <param name="value">What handlers decide on; null for the parameters of the call.</param>
    /// <exception cref="WeftException">A handler refuses the call.</exception>
    public async Task AuthorizeAsync(
        HttpContext http, JsonRpcCall call, AccessResource resource, AccessAction action, JsonElement? value = null)
    {
        if (audit.IsEnabled)
        {
            var audited = new AuditedCall(audit, http, resource, action) { Command = call.Method };
            http.Features.Set(audited);
            audited.WriteWithAnswer();
        }

        if (access.HasRules)
        {
            http.Features.Set(await access.ScopeAsync(http, Requests.ActorOf(http), resource, action, value ?? call.Params));
        }
    }

    /// <summary>
    /// Returns what handlers decide on for a run: the parameters of the call, and which assistant runs, as in the body of a run. The id
    /// of a graph's own assistant is that of the graph.
    /// </summary>
    public static JsonElement RunOf(JsonRpcCall call, string assistantId) =>
        GraphJson.Parse(GraphJson.Encode((call, assistantId), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.call.Params.EnumerateObject())
            {
                if (member.Name != "assistant_id")
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteString("assistant_id"u8, s.assistantId);
            writer.WriteEndObject();
        }));
}
