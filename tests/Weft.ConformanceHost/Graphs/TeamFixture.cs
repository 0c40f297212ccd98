using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>
/// An agent with two sub-agents that repeat their tasks within seconds. They are called the way that front ends know as sub-agents.
/// </summary>
internal static class TeamFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        var options = new ChatGraphOptions { Name = "member", Messages = messages, ChatOptions = EchoChatClient.Options(paceMs: 1000) };
        var member = ChatGraph.Create(new EchoChatClient(TimeProvider.System), options);

        async Task<string> RunAsync(string description, string subagent_type, CancellationToken cancellationToken)
        {
            var task = new StateUpdate().Add(messages, description);
            var state = await NodeContext.Current!.RunAsync(member, task, cancellationToken: cancellationToken);
            return state.Get(messages)![^1].Text;
        }

        return AgentGraph.Create(
            new TeamChatClient(),
            [AIFunctionFactory.Create(RunAsync, "task", "Gives a task to a sub-agent.")],
            new AgentGraphOptions { Name = "team" });
    }
}
