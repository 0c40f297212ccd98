using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>
/// Makes the updates of an agent those of a model: a call that waits for approval is a call like any other, and the result of a tool is a
/// message of its own, with the name of the tool.
/// </summary>
/// <param name="toolNames">The names of the tools, by the ids of their calls. Those of later calls are added.</param>
/// <param name="known">The ids of calls that the conversation has already.</param>
internal sealed class AgentUpdates(Dictionary<string, string> toolNames, IReadOnlySet<string> known)
{
    /// <summary>The tool calls that the agent wants to have approved.</summary>
    public List<ToolApprovalRequestContent> Requests { get; } = [];

    /// <summary>Returns the updates that take the place of one of the agent.</summary>
    /// <exception cref="GraphInterruptException">A tool asks a question.</exception>
    public IReadOnlyList<ChatResponseUpdate> PartsOf(ChatResponseUpdate update)
    {
        if (update.Contents is [TextContent])
        {
            return [update];
        }

        var parts = new List<ChatResponseUpdate>(1);
        var contents = new List<AIContent>(update.Contents.Count);
        foreach (var content in update.Contents)
        {
            if (content is FunctionResultContent result)
            {
                parts.Add(PartOf(update, result, parts.Count));
            }
            else if (Shown(content) is { } shown)
            {
                contents.Add(shown);
            }
        }

        // Updates without content only report what happens inside the agent.
        if (contents.Count > 0 || update.FinishReason is not null)
        {
            var part = update.Clone();
            part.Contents = contents;
            parts.Insert(0, part);
        }

        return parts;
    }

    private AIContent? Shown(AIContent content)
    {
        switch (content)
        {
            case ToolApprovalRequestContent request:
                Requests.Add(request);
                return Named(AgentContents.CallOf(request.ToolCall));
            case FunctionCallContent call when known.Contains(call.CallId):
                // A call is repeated once it is approved.
                return null;
            case FunctionCallContent call:
                return Named(call);
            default:
                return content;
        }
    }

    private FunctionCallContent Named(FunctionCallContent call)
    {
        toolNames[call.CallId] = call.Name;
        return call;
    }

    private ChatResponseUpdate PartOf(ChatResponseUpdate update, FunctionResultContent result, int index)
    {
        if (result.Exception is GraphInterruptException asked)
        {
            // The node stops here, and runs again with the answer.
            ExceptionDispatchInfo.Throw(asked);
        }

        var part = update.Clone();
        part.Role = ChatRole.Tool;
        part.Contents = [result];
        part.AuthorName = toolNames.GetValueOrDefault(result.CallId);
        part.FinishReason = null;
        part.MessageId = index == 0 && !string.IsNullOrEmpty(update.MessageId) ? update.MessageId : NewId.Uuid();
        return part;
    }
}
