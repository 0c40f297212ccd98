using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>The node that asks for the answers that a workflow waits for.</summary>
internal sealed class WorkflowQuestions(AIWorkflowGraphOptions options, LastValueChannel<StoredWorkflow> state, WorkflowPorts ports)
{
    private readonly ToolApproval _approval = new(new ToolFunctions([], []), options.Messages, allowsEdits: false);

    public NodeResult Run(NodeContext context)
    {
        if (context.Get(state) is not { } stored)
        {
            return StateUpdate.None;
        }

        var answers = new List<PortAnswer>();
        GraphInterruptException? open = null;
        // All questions are asked before the node stops for those that have no answer.
        foreach (var request in stored.Requests.Where(request => ports.ApprovalOf(request) is null))
        {
            TryAsk(() => [new PortAnswer(request.Id, request.Port, Ask(context, request))]);
        }

        TryAsk(() => AskApprovals(context, [.. stored.Requests.Where(request => ports.ApprovalOf(request) is not null)]));
        if (open is not null)
        {
            ExceptionDispatchInfo.Throw(open);
        }

        // The workflow does not repeat the results that it gets.
        var results = answers
            .Select(WorkflowPorts.ResultOf)
            .OfType<FunctionResultContent>()
            .Select(result => new ChatMessage(ChatRole.Tool, [result]));
        return new StateUpdate()
            .Add(options.Messages, [.. results.SelectMany(result => result.ToMessages())])
            .Set(state, stored with { Answers = answers });

        void TryAsk(Func<IEnumerable<PortAnswer>> ask)
        {
            try
            {
                answers.AddRange(ask());
            }
            catch (GraphInterruptException e)
            {
                open = e;
            }
        }
    }

    private JsonElement Ask(NodeContext context, PortRequest request)
    {
        string? problem = null;
        while (true)
        {
            var answer = WorkflowPorts.ResponseOf(request, context.Interrupt(Question(request, problem), key: request.Id));
            problem = ports.FindProblem(request, answer);
            if (problem is null)
            {
                return answer;
            }
        }
    }

    private IEnumerable<PortAnswer> AskApprovals(NodeContext context, IReadOnlyList<PortRequest> requests)
    {
        var approvals = requests.Select(request => ports.ApprovalOf(request)!).ToList();
        var decided = _approval.Ask(context, [.. approvals.Select(approval => AgentContents.ToolCallOf(approval.ToolCall))]);
        return requests.Select((request, index) => new PortAnswer(
            request.Id,
            request.Port,
            WorkflowPorts.Write(AgentContents.ResponseTo(approvals[index], decided[index]))));
    }

    private static JsonElement Question(PortRequest request, string? problem) =>
        GraphJson.Parse(GraphJson.Encode((request, problem), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("port"u8, s.request.Port);
            writer.WritePropertyName("request"u8);
            s.request.Data.WriteTo(writer);
            if (s.problem is not null)
            {
                writer.WriteString("problem"u8, s.problem);
            }

            writer.WriteEndObject();
        }));
}
