using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>Contents of messages of agents as contents that messages of graphs have.</summary>
internal static class AgentContents
{
    /// <summary>Returns the call that a request asks about. Servers of tools have a content of their own for their calls.</summary>
    public static FunctionCallContent CallOf(ToolCallContent call) => call switch
    {
        FunctionCallContent function => function,
        McpServerToolCallContent server => new FunctionCallContent(server.CallId, server.Name, server.Arguments),
        _ => new FunctionCallContent(call.CallId, call.GetType().Name),
    };

    public static ToolCall ToolCallOf(ToolCallContent call)
    {
        var function = CallOf(call);
        return new ToolCall(
            function.Name, GraphJson.Parse(GraphJson.Encode(function.Arguments, ToolArguments.Write)), function.CallId);
    }

    /// <summary>Returns the answer to a request. A person who answers in place of the tool refuses the call, with that text.</summary>
    public static ToolApprovalResponseContent ResponseTo(ToolApprovalRequestContent request, DecidedCall decided) =>
        request.CreateResponse(decided is { Refusal: null, Reply: null }, decided.Reason ?? decided.Reply);
}
