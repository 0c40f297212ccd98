using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Weft.Agents;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Serves agents: a model with tools, as the graph that <see cref="AgentGraph"/> makes.</summary>
public static class AgentBuilderExtensions
{
    /// <summary>Serves an agent whose model is the <see cref="IChatClient"/> of the application's services.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The id by which clients name it.</param>
    /// <param name="tools">The tools that the model may call. Default: none.</param>
    /// <param name="instructions">
    /// The system message before the conversation. Null means <see cref="AgentGraphOptions.SystemPrompt"/>. Default: null.
    /// </param>
    /// <param name="options">Further options of the agent; its name is <paramref name="name"/>.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    /// <remarks>
    /// The agent is made when the application starts. The start fails if an option is wrong, if no chat client is registered, or if a
    /// service is missing that a parameter of a tool needs.
    /// </remarks>
    public static WeftBuilder AddAgent(
        this WeftBuilder builder,
        string name,
        IReadOnlyList<AITool>? tools = null,
        string? instructions = null,
        AgentGraphOptions? options = null,
        Action<GraphOptions>? configure = null) =>
        builder.AddAgent(name, services => ClientOf(name, services), tools, instructions, options, configure);

    /// <inheritdoc cref="AddAgent(WeftBuilder, string, IReadOnlyList{AITool}?, string?, AgentGraphOptions?, Action{GraphOptions}?)"/>
    /// <summary>Serves an agent.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The id by which clients name it.</param>
    /// <param name="client">The model.</param>
    /// <param name="tools">The tools that the model may call. Default: none.</param>
    /// <param name="instructions">The system message before the conversation. Null means <see cref="AgentGraphOptions.SystemPrompt"/>.</param>
    /// <param name="options">Further options of the agent; its name is <paramref name="name"/>.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAgent(
        this WeftBuilder builder,
        string name,
        IChatClient client,
        IReadOnlyList<AITool>? tools = null,
        string? instructions = null,
        AgentGraphOptions? options = null,
        Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return builder.AddAgent(name, _ => client, tools, instructions, options, configure);
    }

    /// <inheritdoc cref="AddAgent(WeftBuilder, string, IReadOnlyList{AITool}?, string?, AgentGraphOptions?, Action{GraphOptions}?)"/>
    /// <summary>Serves an agent whose model is made of the application's services.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The id by which clients name it.</param>
    /// <param name="makeClient">
    /// Makes the model, such as <c>services => services.GetRequiredKeyedService&lt;IChatClient&gt;("small")</c>.
    /// </param>
    /// <param name="tools">The tools that the model may call. Default: none.</param>
    /// <param name="instructions">The system message before the conversation. Null means <see cref="AgentGraphOptions.SystemPrompt"/>.</param>
    /// <param name="options">Further options of the agent; its name is <paramref name="name"/>.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAgent(
        this WeftBuilder builder,
        string name,
        Func<IServiceProvider, IChatClient> makeClient,
        IReadOnlyList<AITool>? tools = null,
        string? instructions = null,
        AgentGraphOptions? options = null,
        Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(makeClient);
        options ??= new AgentGraphOptions();
        options = options with { Name = name, SystemPrompt = instructions ?? options.SystemPrompt };
        return builder.AddGraph(
            name,
            services =>
            {
                AgentTool.CheckServices(tools ?? [], services);
                return AgentGraph.Create(makeClient(services), tools ?? [], options);
            },
            configure);
    }

    /// <summary>
    /// Serves an agent whose last answer is JSON of a type. It is the value <c>structured_response</c> of the state. The model is the
    /// <see cref="IChatClient"/> of the application's services.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The id by which clients name it.</param>
    /// <param name="tools">The tools that the model may call. Default: none.</param>
    /// <param name="instructions">The system message before the conversation. Null means <see cref="AgentGraphOptions.SystemPrompt"/>.</param>
    /// <param name="options">Further options of the agent; its name is <paramref name="name"/>.</param>
    /// <param name="answerType">How the answer becomes JSON and back, see <see cref="AgentAnswer.Of"/>.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    /// <exception cref="ArgumentException">The JSON of the type is not an object.</exception>
    public static WeftBuilder AddAgent<TAnswer>(
        this WeftBuilder builder,
        string name,
        IReadOnlyList<AITool>? tools = null,
        string? instructions = null,
        AgentGraphOptions? options = null,
        JsonTypeInfo<TAnswer>? answerType = null,
        Action<GraphOptions>? configure = null) =>
        builder.AddAgent(name, tools, instructions, Answering(options, answerType), configure);

    /// <inheritdoc cref="AddAgent{TAnswer}(WeftBuilder, string, IReadOnlyList{AITool}?, string?, AgentGraphOptions?, JsonTypeInfo{TAnswer}?, Action{GraphOptions}?)"/>
    /// <summary>
    /// Serves an agent whose last answer is JSON of a type. It is the value <c>structured_response</c> of the state.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The id by which clients name it.</param>
    /// <param name="client">The model.</param>
    /// <param name="tools">The tools that the model may call. Default: none.</param>
    /// <param name="instructions">The system message before the conversation. Null means <see cref="AgentGraphOptions.SystemPrompt"/>.</param>
    /// <param name="options">Further options of the agent; its name is <paramref name="name"/>.</param>
    /// <param name="answerType">How the answer becomes JSON and back, see <see cref="AgentAnswer.Of"/>.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAgent<TAnswer>(
        this WeftBuilder builder,
        string name,
        IChatClient client,
        IReadOnlyList<AITool>? tools = null,
        string? instructions = null,
        AgentGraphOptions? options = null,
        JsonTypeInfo<TAnswer>? answerType = null,
        Action<GraphOptions>? configure = null) =>
        builder.AddAgent(name, client, tools, instructions, Answering(options, answerType), configure);

    /// <inheritdoc cref="AddAgent{TAnswer}(WeftBuilder, string, IReadOnlyList{AITool}?, string?, AgentGraphOptions?, JsonTypeInfo{TAnswer}?, Action{GraphOptions}?)"/>
    /// <summary>
    /// Serves an agent whose last answer is JSON of a type, with a model that is made of the application's services. The answer is the
    /// value <c>structured_response</c> of the state.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The id by which clients name it.</param>
    /// <param name="makeClient">Makes the model.</param>
    /// <param name="tools">The tools that the model may call. Default: none.</param>
    /// <param name="instructions">The system message before the conversation. Null means <see cref="AgentGraphOptions.SystemPrompt"/>.</param>
    /// <param name="options">Further options of the agent; its name is <paramref name="name"/>.</param>
    /// <param name="answerType">How the answer becomes JSON and back, see <see cref="AgentAnswer.Of"/>.</param>
    /// <param name="configure">Sets further properties of the served graph.</param>
    public static WeftBuilder AddAgent<TAnswer>(
        this WeftBuilder builder,
        string name,
        Func<IServiceProvider, IChatClient> makeClient,
        IReadOnlyList<AITool>? tools = null,
        string? instructions = null,
        AgentGraphOptions? options = null,
        JsonTypeInfo<TAnswer>? answerType = null,
        Action<GraphOptions>? configure = null) =>
        builder.AddAgent(name, makeClient, tools, instructions, Answering(options, answerType), configure);

    private static AgentGraphOptions Answering<TAnswer>(AgentGraphOptions? options, JsonTypeInfo<TAnswer>? answerType) =>
        (options ?? new AgentGraphOptions()) with { Answer = AgentAnswer.Of(answerType) };

    private static IChatClient ClientOf(string name, IServiceProvider services) =>
        services.GetService<IChatClient>() ?? throw new InvalidOperationException(
            $"The agent '{name}' has no model. Register one with builder.Services.AddChatClient(...), or pass it to AddAgent.");
}
