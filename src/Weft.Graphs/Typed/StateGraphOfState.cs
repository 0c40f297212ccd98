using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// Builds a graph whose state is a record. Nodes take the record and return an update of it. The result is a
/// <see cref="CompiledGraph"/> like any other: the members of the record are its channels.
/// </summary>
/// <remarks><c>TState.CreateGraph()</c>, which the source generator writes, makes one.</remarks>
/// <typeparam name="TState">The state: a partial record with a <see cref="GraphStateAttribute"/>.</typeparam>
/// <typeparam name="TUpdate">What nodes return: the type <c>Update</c> of the state.</typeparam>
public sealed partial class StateGraph<TState, TUpdate>
    where TState : IGraphState<TState, TUpdate>
    where TUpdate : StateUpdate<TState>, new()
{
    private readonly StateGraph _graph = new StateGraph().AddChannels(TState.StateChannels);

    /// <summary>
    /// The same graph without types: for nodes that read and write channels, and for channels in addition to the members of
    /// the state.
    /// </summary>
    public StateGraph Untyped => _graph;

    /// <inheritdoc cref="StateGraph.AddNode(string, CompiledGraph, NodeOptions?)"/>
    public StateGraph<TState, TUpdate> AddNode(string name, CompiledGraph subgraph, NodeOptions? options = null)
    {
        _graph.AddNode(name, subgraph, options);
        return this;
    }

    /// <inheritdoc cref="StateGraph.AddEdge(string, string)"/>
    public StateGraph<TState, TUpdate> AddEdge(string source, string target)
    {
        _graph.AddEdge(source, target);
        return this;
    }

    /// <inheritdoc cref="StateGraph.AddEdge(IReadOnlyList{string}, string)"/>
    public StateGraph<TState, TUpdate> AddEdge(IReadOnlyList<string> sources, string target)
    {
        _graph.AddEdge(sources, target);
        return this;
    }

    /// <inheritdoc cref="StateGraph.Use"/>
    public StateGraph<TState, TUpdate> Use(NodeDecorator decorator)
    {
        _graph.Use(decorator);
        return this;
    }

    /// <summary>
    /// Says which members input may write; by default all. They are those of <typeparamref name="TInput"/>.
    /// </summary>
    /// <exception cref="GraphBuildException">The state has no such member, or it is of another type.</exception>
    public StateGraph<TState, TUpdate> Input<TInput>()
        where TInput : IGraphState<TInput>
    {
        _graph.Input(Part(TInput.StateChannels, typeof(TInput)));
        return this;
    }

    /// <summary>
    /// Says which members a graph around this one gets back; by default all. They are those of
    /// <typeparamref name="TOutput"/>.
    /// </summary>
    /// <exception cref="GraphBuildException">The state has no such member, or it is of another type.</exception>
    public StateGraph<TState, TUpdate> Output<TOutput>()
        where TOutput : IGraphState<TOutput>
    {
        _graph.Output(Part(TOutput.StateChannels, typeof(TOutput)));
        return this;
    }

    /// <summary>
    /// Declares the type of the static context of a run, for the graph's schemas. Nodes read it with
    /// <see cref="NodeContext.GetContext"/>.
    /// </summary>
    /// <param name="typeInfo">How it becomes JSON; null means <see cref="GraphJson.WebOptions"/>.</param>
    public StateGraph<TState, TUpdate> Context<T>(JsonTypeInfo<T>? typeInfo = null)
    {
        _graph.Context(typeInfo ?? GraphJson.WebTypeInfo<T>());
        return this;
    }

    /// <summary>Declares the type of <c>config.configurable</c> of a run, for the graph's schemas.</summary>
    /// <param name="typeInfo">How it becomes JSON; null means <see cref="GraphJson.WebOptions"/>.</param>
    public StateGraph<TState, TUpdate> Configurable<T>(JsonTypeInfo<T>? typeInfo = null)
    {
        _graph.Configurable(typeInfo ?? GraphJson.WebTypeInfo<T>());
        return this;
    }

    /// <inheritdoc cref="StateGraph.Compile(CompileOptions?)"/>
    public CompiledGraph Compile(CompileOptions? options = null) => _graph.Compile(options);

    /// <summary>The channels of the state that have the names of those of a part of it.</summary>
    private static StateChannel[] Part(IReadOnlyList<StateChannel> part, Type type) =>
        [
            .. part.Select(
                wanted => TState.StateChannels.FirstOrDefault(channel => channel.Name == wanted.Name) switch
                {
                    null => throw new GraphBuildException(
                        $"{type.Name} has a member '{wanted.Name}', which {typeof(TState).Name} does not have."),
                    { } channel when !channel.HasTypesOf(wanted) => throw new GraphBuildException(
                        $"The member '{wanted.Name}' of {type.Name} differs in type from that of {typeof(TState).Name}."),
                    { } channel => channel,
                }),
        ];
}
