using Microsoft.Agents.AI;
using Weft.AgentFramework;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Serves agents and workflows of Microsoft Agent Framework.</summary>
public static class WeftAgentFrameworkExtensions
{
    /// <summary>Serves an agent. The description of the graph is that of the agent.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="graphId">The id by which clients name it.</param>
    /// <param name="agent">The agent. All threads share it.</param>
    /// <param name="options">How to make its graph.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAIAgent(
        this WeftBuilder builder,
        string graphId,
        AIAgent agent,
        AIAgentGraphOptions? options = null,
        Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var graph = AIAgentGraph.Create(agent, options);
        return builder.AddGraph(graphId, graph, served =>
        {
            served.Description = agent.Description;
            configure?.Invoke(served);
        });
    }

    /// <summary>Serves an agent that is built from the application's services.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="graphId">The id by which clients name it.</param>
    /// <param name="makeAgent">Builds the agent. It is called once.</param>
    /// <param name="options">How to make its graph.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAIAgent(
        this WeftBuilder builder,
        string graphId,
        Func<IServiceProvider, AIAgent> makeAgent,
        AIAgentGraphOptions? options = null,
        Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(makeAgent);
        return builder.AddGraph(graphId, services => AIAgentGraph.Create(makeAgent(services), options), configure);
    }

    /// <summary>
    /// Serves the agent that the application has registered as a keyed service with the key <paramref name="graphId"/>, as the hosting
    /// package of Microsoft Agent Framework registers agents.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="graphId">The key of the agent, and the id by which clients name it.</param>
    /// <param name="options">How to make its graph.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAIAgent(
        this WeftBuilder builder, string graphId, AIAgentGraphOptions? options = null, Action<GraphOptions>? configure = null) =>
        builder.AddAIAgent(graphId, services => services.GetRequiredKeyedService<AIAgent>(graphId), options, configure);

    /// <summary>Serves a workflow that speaks the chat protocol, as those of agents do.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="graphId">The id by which clients name it.</param>
    /// <param name="makeWorkflow">Builds the workflow, as for <see cref="AIWorkflowGraph.Create(Func{Workflow}, AIWorkflowGraphOptions?)"/>.</param>
    /// <param name="options">How to make its graph.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAIWorkflow(
        this WeftBuilder builder,
        string graphId,
        Func<IServiceProvider, Workflow> makeWorkflow,
        AIWorkflowGraphOptions? options = null,
        Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(makeWorkflow);
        return builder.AddGraph(graphId, services => AIWorkflowGraph.Create(() => makeWorkflow(services), options), configure);
    }

    /// <summary>Serves a workflow whose first executor takes a <typeparamref name="TInput"/>.</summary>
    /// <inheritdoc cref="AddAIWorkflow(WeftBuilder, string, Func{IServiceProvider, Workflow}, AIWorkflowGraphOptions?, Action{GraphOptions}?)"/>
    public static WeftBuilder AddAIWorkflow<TInput>(
        this WeftBuilder builder,
        string graphId,
        Func<IServiceProvider, Workflow> makeWorkflow,
        AIWorkflowGraphOptions? options = null,
        Action<GraphOptions>? configure = null)
        where TInput : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(makeWorkflow);
        return builder.AddGraph(graphId, services => AIWorkflowGraph.Create<TInput>(() => makeWorkflow(services), options), configure);
    }
}
