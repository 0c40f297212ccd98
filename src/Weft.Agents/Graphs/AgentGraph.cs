using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// A model with tools: the graph calls the model, runs the tools that it asks for, and repeats this until it asks for
/// none.
/// </summary>
public static class AgentGraph
{
    /// <summary>The node that calls the model.</summary>
    public const string AgentNode = "agent";

    /// <summary>The node that asks a person about tool calls. The graph has it only if a tool needs approval.</summary>
    public const string ApproveNode = "approve";

    /// <summary>The node that runs the tools: one task for each call.</summary>
    public const string ToolsNode = "tools";

    /// <summary>The node that summarizes older messages, if the graph has <see cref="AgentGraphOptions.Summary"/>.</summary>
    public const string SummarizeNode = "summarize";

    /// <summary>The node of <see cref="AgentGraphOptions.BeforeModel"/>.</summary>
    public const string BeforeModelNode = "before_model";

    /// <summary>The node of <see cref="AgentGraphOptions.AfterModel"/>.</summary>
    public const string AfterModelNode = "after_model";

    /// <summary>The node that reads the last answer, if the graph has an <see cref="AgentGraphOptions.Answer"/>.</summary>
    public const string AnswerNode = "answer";

    /// <summary>The node of the supervisor in a graph that <see cref="Supervisor"/> made.</summary>
    public const string SupervisorNode = "supervisor";

    /// <summary>The channel with the name of the active agent in a graph that <see cref="Swarm"/> made.</summary>
    public const string ActiveAgentChannel = "active_agent";

    /// <summary>Makes the graph.</summary>
    /// <remarks>
    /// <para>
    /// The tool calls of one answer run at the same time, each as a task of its own. Their results are added in the order of
    /// the calls. A tool that throws, or that does not exist, answers with a message of status <c>error</c>, so that the model
    /// can react. A tool that interrupts on its own does not make the others run again. A tool may say where the graph goes, see
    /// <see cref="ToolNode"/>.
    /// </para>
    /// <para>
    /// If calls need approval, one interrupt asks about all of them before any tool runs:
    /// <c>{"action_requests":[{"name":…,"args":{…},"description":…}],
    /// "review_configs":[{"action_name":…,"allowed_decisions":["approve","edit","reject"]}]}</c>.
    /// The answer is <c>{"decisions":[…]}</c> with a decision for each request, in order: <c>{"type":"approve"}</c>,
    /// <c>{"type":"edit","edited_action":{"name":…,"args":{…}}}</c> or <c>{"type":"reject","message":…}</c>. A list of decisions
    /// alone, the list of Agent Inbox, and one decision or <c>true</c>, <c>false</c>, <c>"approve"</c> or <c>"reject"</c> for all
    /// requests are accepted too. Edited arguments are checked against the schema of the tool. An answer of another shape is
    /// asked again, with the reason as <c>problem</c>.
    /// </para>
    /// <para>
    /// A tool call that a stop or a new message left without a result is answered at the next turn with an error message, in
    /// the state, because providers refuse a conversation that has unanswered calls.
    /// </para>
    /// </remarks>
    /// <param name="client">The model.</param>
    /// <param name="tools">The tools that the model may call. Tools that the provider runs itself may be among them.</param>
    /// <param name="options">How to make it.</param>
    /// <exception cref="ArgumentException">
    /// Two tools have one name, an option names a tool that does not exist, <see cref="AgentGraphOptions.SystemPrompt"/> and
    /// <see cref="AgentGraphOptions.Prompt"/> are both given, or the model would see a <see cref="NodeContext"/>, a
    /// <see cref="ToolCall"/> or a <see cref="Command"/> of a tool that <see cref="AgentTool.Create"/> has not made.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A limit of the options is less than 1, a time limit is not positive or longer than 49 days, or
    /// <see cref="SummaryOptions.TokensKept"/> is not less than <see cref="SummaryOptions.TokensMax"/>.
    /// </exception>
    public static CompiledGraph Create(IChatClient client, IReadOnlyList<AITool> tools, AgentGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(tools);
        return new AgentLoop(client, tools, options ?? new AgentGraphOptions()).Compile();
    }

    /// <summary>
    /// Makes a graph of several agents. The supervisor is an agent that hands the conversation to members by tools,
    /// <c>transfer_to_…</c>. A member that is done hands it back, and the supervisor goes on, until it answers the user.
    /// </summary>
    /// <remarks>
    /// Supervisor and members see the whole conversation and add to it; other channels belong to the supervisor. If the
    /// supervisor calls several members in one message, they run at the same time. Members can have <see cref="Handoff"/>
    /// tools for each other. Each is a subgraph, so what it streams has its namespace, and a question of a member pauses the
    /// run.
    /// </remarks>
    /// <param name="client">The model of the supervisor.</param>
    /// <param name="members">The agents.</param>
    /// <param name="tools">Tools of the supervisor itself.</param>
    /// <param name="options">
    /// How to make the supervisor; <see cref="AgentGraphOptions.Name"/> and <see cref="AgentGraphOptions.Compile"/> are for the whole
    /// graph.
    /// </param>
    /// <exception cref="ArgumentException">The list of members is empty, two members have the same name, or a member has no channel of messages.</exception>
    public static CompiledGraph Supervisor(
        IChatClient client,
        IReadOnlyList<AgentMember> members,
        IReadOnlyList<AITool>? tools = null,
        AgentGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        Check(members, (options ??= new AgentGraphOptions()).Messages);
        return AgentTeam.Compile(client, members, tools ?? [], options);
    }

    /// <summary>
    /// Makes a graph of several agents that hand the conversation to each other, with no one above them. The thread remembers which one
    /// is active, so the next message of the user goes to it.
    /// </summary>
    /// <remarks>
    /// The members hand over by tools: <see cref="Handoff.To"/> another member, or a tool of your own. They see the whole conversation and
    /// add to it. The name of the active one is the value <see cref="ActiveAgentChannel"/> of the state. If a member hands over to several
    /// at once, the first of them goes on. Each is a subgraph, so what it streams has its namespace, and a question of a member pauses the
    /// run.
    /// </remarks>
    /// <param name="members">The agents. Their descriptions are not used.</param>
    /// <param name="options">How to make it.</param>
    /// <exception cref="ArgumentException">
    /// The list of members is empty, two members have the same name, a member has no channel of messages, or
    /// <see cref="SwarmOptions.First"/> is none of them.
    /// </exception>
    public static CompiledGraph Swarm(IReadOnlyList<AgentMember> members, SwarmOptions? options = null)
    {
        Check(members, (options ??= new SwarmOptions()).Messages);
        return new AgentSwarm(members, options).Compile();
    }

    private static void Check(IReadOnlyList<AgentMember> members, MessagesChannel messages)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0)
        {
            throw new ArgumentException("At least one member is needed.", nameof(members));
        }

        if (members.CountBy(member => member.Name).FirstOrDefault(pair => pair.Value > 1).Key is { } twice)
        {
            throw new ArgumentException($"Two members are named '{twice}'; rename one of them.", nameof(members));
        }

        foreach (var member in members)
        {
            if (!member.Graph.Schema.TryFind(messages.Name, out var channel) || channel is not MessagesChannel)
            {
                throw new ArgumentException(
                    $"The member '{member.Name}' has no channel of messages with the name '{messages.Name}'.", nameof(members));
            }
        }
    }
}
