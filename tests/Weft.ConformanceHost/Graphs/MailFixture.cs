using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>An agent that asks before it sends two mails.</summary>
internal static class MailFixture
{
    public static CompiledGraph Create() => AgentGraph.Create(
        new MailChatClient(),
        [AIFunctionFactory.Create((string to, string body) => $"Sent {body} to {to}.", "send_email", "Sends an e-mail.")],
        new AgentGraphOptions { Name = "mail", RequireApproval = ["send_email"] });
}
