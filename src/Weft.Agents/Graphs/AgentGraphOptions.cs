using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Options of an <see cref="AgentGraph"/>.</summary>
public sealed record AgentGraphOptions
{
    /// <summary>The name of the graph. Default: <c>agent</c>.</summary>
    public string Name { get; init; } = "agent";

    /// <summary>
    /// The instructions that the model gets before the conversation. They are not stored in the state. Default: none.
    /// </summary>
    public string? SystemPrompt { get; init; }

    /// <summary>
    /// Makes the instructions of each call of the model, in place of <see cref="SystemPrompt"/>. It sees the state, the store, and the
    /// context and the configuration of the run. Null means no instructions. They are not stored in the state. Default: none.
    /// </summary>
    public Func<NodeContext, CancellationToken, ValueTask<string?>>? Prompt { get; init; }

    /// <summary>
    /// Chooses the model of each call, in place of the one that the graph was made with, which still makes the summaries. It sees what
    /// <see cref="Prompt"/> sees. The tools and <see cref="ChatOptions"/> are the same for all. Default: none.
    /// </summary>
    public Func<NodeContext, CancellationToken, ValueTask<IChatClient>>? Model { get; init; }

    /// <summary>The channel of the conversation. Give one to read it from code. Default: <c>messages</c>.</summary>
    public MessagesChannel Messages { get; init; } = Channel.Messages();

    /// <summary>
    /// Channels that tools read by <see cref="NodeContext.Current"/> and write by <see cref="ToolOutput"/>. Default:
    /// none.
    /// </summary>
    public IReadOnlyList<StateChannel> Channels { get; init; } = [];

    /// <summary>
    /// The names of tools whose calls a person has to approve, in addition to those that are an
    /// <see cref="ApprovalRequiredAIFunction"/>. Default: none.
    /// </summary>
    public IReadOnlyCollection<string> RequireApproval { get; init; } = [];

    /// <summary>Options of each call of the model; the tools are added. Default: none.</summary>
    public ChatOptions? ChatOptions { get; init; }

    /// <summary>
    /// What a run may ask of the model by <c>config.configurable</c>, as clients of OpenAI's API do. What <see cref="ChatOptions"/> has is
    /// not changed by it, and a tool of the agent hides one of the caller with its name. It does not apply to an agent that is a node or
    /// a tool of another graph, except for the supervisor of a team. Default: all.
    /// </summary>
    public CallerSettings CallerMaySet { get; init; } = CallerSettings.All;

    /// <summary>Whether the agent answers the caller from directly inside the graph of its team.</summary>
    internal bool LeadsTeam { get; init; }

    /// <summary>
    /// The form of the last answer, which is then also a value of the state. Default: none, the answer is text.
    /// </summary>
    public AgentAnswer? Answer { get; init; }

    /// <summary>
    /// Runs before each call of the model, as the node <see cref="AgentGraph.BeforeModelNode"/>. Its update is applied before
    /// the model sees the state. If it returns a <see cref="Command"/> with <see cref="Command.Goto"/>, the graph goes there
    /// instead: <see cref="StateGraph.End"/> ends the loop. Default: none.
    /// </summary>
    public NodeFunction? BeforeModel { get; init; }

    /// <summary>
    /// Runs after each call of the model, as the node <see cref="AgentGraph.AfterModelNode"/>. The graph continues with the
    /// last message as the update of the hook leaves it: its tool calls are made. If the hook returns a <see cref="Command"/>
    /// with <see cref="Command.Goto"/>, the graph goes there instead: <see cref="AgentGraph.AgentNode"/> asks the model again,
    /// and <see cref="StateGraph.End"/> ends the loop. Default: none.
    /// </summary>
    public NodeFunction? AfterModel { get; init; }

    /// <summary>
    /// How many times the model may be called for one message of a user; null means no limit. If the last of these answers
    /// asks for tools, they are not called: each call gets an error as its result, and <see cref="TurnsMaxText"/> is the answer,
    /// with the finish reason <c>max_turns</c>. The run succeeds. Messages of other agents of a team count too. Default: null.
    /// </summary>
    public int? TurnsMax { get; init; }

    /// <summary>What the agent says at its end by <see cref="TurnsMax"/>.</summary>
    public string TurnsMaxText { get; init; } = "I stopped, because this takes more steps than I may make.";

    /// <summary>
    /// Returns what the model sees of the conversation, see <see cref="HistoryView"/>. The thread keeps all messages. Default:
    /// the model sees all.
    /// </summary>
    public Func<NodeContext, IReadOnlyList<Message>, IEnumerable<Message>>? View { get; init; }

    /// <summary>
    /// How older messages are summarized for the model, in the node <see cref="AgentGraph.SummarizeNode"/>. The thread keeps
    /// all messages. Default: they are not.
    /// </summary>
    public SummaryOptions? Summary { get; init; }

    /// <summary>
    /// The greatest number of characters of a tool's text result. A longer one is cut, and says so to the model. Default:
    /// 100,000.
    /// </summary>
    public int ToolResultCharsMax { get; init; } = 100_000;

    /// <summary>
    /// How long a call of a tool may take, at most 49 days; null means no limit. Then its token is cancelled, and the model gets an error
    /// that says so as the result. A call that ignores its token, or blocks, is left behind 5 seconds later, and what it returns is not
    /// used. Default: null.
    /// </summary>
    public TimeSpan? ToolTimeout { get; init; }

    /// <summary>The limits of single tools by their names, in place of <see cref="ToolTimeout"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ToolTimeouts { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>
    /// When and how a failed call of a tool is repeated, before the model gets the error. Each try has the time of
    /// <see cref="ToolTimeout"/>. Default: not at all.
    /// </summary>
    public RetryPolicy? ToolRetry { get; init; }

    /// <summary>
    /// The policies of single tools by their names, in place of <see cref="ToolRetry"/>; null means that the tool is not tried again.
    /// Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, RetryPolicy?> ToolRetries { get; init; } = new Dictionary<string, RetryPolicy?>();

    /// <summary>When and how a failed call of the model is repeated. Default: not at all.</summary>
    public RetryPolicy? ModelRetry { get; init; }

    /// <summary>
    /// Makes the result that the model gets if a tool throws. Default: <c>Error: </c> and the exception's message.
    /// </summary>
    public Func<Exception, string> DescribeError { get; init; } = static error => $"Error: {error.Message}";

    /// <summary>
    /// Decorators that run around each node of the agent, the outermost first, as <see cref="StateGraph.Use"/> adds them. Default: none.
    /// </summary>
    public IReadOnlyList<NodeDecorator> Use { get; init; } = [];

    /// <summary>
    /// How the graph is compiled: its checkpoints inside another graph, and nodes to pause before or after. Its name is not used, because
    /// <see cref="Name"/> is the name of the graph. Default: <see cref="CompileOptions"/> as they are.
    /// </summary>
    public CompileOptions Compile { get; init; } = new();
}
