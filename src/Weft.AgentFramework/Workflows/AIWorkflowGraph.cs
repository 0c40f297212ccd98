using Weft.Graphs;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.AgentFramework;

/// <summary>A workflow of Microsoft Agent Framework as a graph.</summary>
/// <remarks>
/// <para>
/// The workflow runs until it has nothing left to do or waits for answers. Its checkpoint then is a channel of the graph, so the next
/// run of the thread continues there, also after a restart, in a fork, or from an earlier checkpoint. While it runs, the checkpoint of
/// each of its supersteps is kept with the task, so that a crash repeats only the superstep that it interrupted.
/// </para>
/// <para>
/// Requests to ports pause the run. Each is an interrupt <c>{"port":…,"request":…}</c>, and the answer is the JSON of the port's response
/// type. An answer that does not fit is asked for again, with the reason as <c>problem</c>. Tool calls that need approval are asked about
/// as in <see cref="AIAgentGraph"/>.
/// </para>
/// <para>
/// What agents in the workflow say is streamed as messages and added to the conversation. Other outputs are added to <c>outputs</c> and
/// streamed in the mode <c>custom</c> as <c>{"event":"output","executor":…,"data":…}</c>. So are <c>executor_invoked</c>,
/// <c>executor_completed</c>, and the workflow's own events by the names of their types. If the workflow fails, the run fails with its error.
/// </para>
/// </remarks>
public static class AIWorkflowGraph
{
    /// <summary>The node that runs the workflow.</summary>
    public const string WorkflowNode = "workflow";

    /// <summary>The node that asks for the answers that the workflow waits for.</summary>
    public const string AskNode = "ask";

    /// <summary>
    /// Makes the graph of a workflow that speaks the chat protocol: its first executor takes messages and a
    /// <see cref="Microsoft.Agents.AI.Workflows.TurnToken"/>, as agents do. Each run gives it the new messages of the conversation.
    /// </summary>
    /// <param name="makeWorkflow">
    /// Builds the workflow. It is called once here, and once for each run. The ids of executors and agents must be the same each time
    /// and after a restart, so agents need an <see cref="Microsoft.Agents.AI.ChatClientAgentOptions.Id"/>.
    /// </param>
    /// <param name="options">How to make the graph.</param>
    public static CompiledGraph Create(Func<Workflow> makeWorkflow, AIWorkflowGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(makeWorkflow);
        options ??= new AIWorkflowGraphOptions();
        return Create(makeWorkflow, options, new ChatInput(options.Messages), options.Messages);
    }

    /// <summary>
    /// Makes the graph of a workflow whose first executor takes a <typeparamref name="TInput"/>. The input of a run has it as <c>input</c>.
    /// </summary>
    /// <inheritdoc cref="Create(Func{Workflow}, AIWorkflowGraphOptions?)"/>
    public static CompiledGraph Create<TInput>(Func<Workflow> makeWorkflow, AIWorkflowGraphOptions? options = null)
        where TInput : notnull
    {
        ArgumentNullException.ThrowIfNull(makeWorkflow);
        options ??= new AIWorkflowGraphOptions();
        var input = Channel.Ephemeral(
            "input", typeInfo: (System.Text.Json.Serialization.Metadata.JsonTypeInfo<TInput>)options.Json.GetTypeInfo(typeof(TInput)));
        return Create(makeWorkflow, options, new TypedInput<TInput>(input), input);
    }

    private static CompiledGraph Create(
        Func<Workflow> makeWorkflow, AIWorkflowGraphOptions options, WorkflowInput input, StateChannel inputChannel)
    {
        var workflow = makeWorkflow();
        var state = Channel.LastValue(options.StateChannel, StoredWorkflowJsonContext.Default.StoredWorkflow);
        var ports = new WorkflowPorts(workflow, options.Json);
        var graph = new StateGraph().AddChannels(options.Messages, options.Outputs, state);
        if (inputChannel != options.Messages)
        {
            graph.AddChannel(inputChannel);
        }

        return graph
            .Input(inputChannel)
            .AddNode(WorkflowNode, new WorkflowTurn(makeWorkflow, options, input, state, ports).RunAsync)
            .AddNode(AskNode, new WorkflowQuestions(options, state, ports).Run)
            .AddEdge(StateGraph.Start, WorkflowNode)
            .AddConditionalEdges(
                WorkflowNode, context => context.Get(state) is { Requests.Count: > 0 } ? AskNode : StateGraph.End, [AskNode, StateGraph.End])
            .AddEdge(AskNode, WorkflowNode)
            .Compile(new CompileOptions { Name = options.Name ?? workflow.Name ?? "workflow" });
    }
}
