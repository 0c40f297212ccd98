using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <content>Further forms of nodes and routes, so that a method or lambda fits as it is.</content>
public sealed partial class StateGraph
{
    /// <inheritdoc cref="AddNode(string, Func{NodeContext, CancellationToken, Task{NodeResult}}, NodeOptions?)"/>
    [OverloadResolutionPriority(1)]
    public StateGraph AddNode(string name, Func<NodeContext, Task<NodeResult>> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(name, (context, _) => new ValueTask<NodeResult>(run(context)), options, subgraph: null);
    }

    /// <inheritdoc cref="AddNode(string, Func{NodeContext, CancellationToken, Task{NodeResult}}, NodeOptions?)"/>
    public StateGraph AddNode(string name, NodeFunction run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(name, run, options, subgraph: null);
    }

    /// <inheritdoc cref="AddNode(string, Func{NodeContext, NodeResult}, NodeOptions?)"/>
    public StateGraph AddNode(string name, Func<NodeContext, StateUpdate?> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(name, (context, _) => new ValueTask<NodeResult>(run(context)), options, subgraph: null);
    }

    /// <inheritdoc cref="AddNode(string, Func{NodeContext, CancellationToken, Task{NodeResult}}, NodeOptions?)"/>
    public StateGraph AddNode<TUpdate>(string name, Func<NodeContext, Task<TUpdate>> run, NodeOptions? options = null)
        where TUpdate : StateUpdate?
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(name, async (context, _) => await run(context), options, subgraph: null);
    }

    /// <inheritdoc cref="AddNode(string, Func{NodeContext, CancellationToken, Task{NodeResult}}, NodeOptions?)"/>
    public StateGraph AddNode<TUpdate>(
        string name, Func<NodeContext, CancellationToken, Task<TUpdate>> run, NodeOptions? options = null)
        where TUpdate : StateUpdate?
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(name, async (context, cancellationToken) => await run(context, cancellationToken), options, subgraph: null);
    }

    /// <summary>
    /// Adds a node that is a class. Each try of the node has an object of its own, which the services of the run make; the
    /// class need not be registered.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    /// <exception cref="InvalidOperationException">The class has no constructor that can be used.</exception>
    public StateGraph AddNode<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TNode>(
        string name, NodeOptions? options = null)
        where TNode : class, INode
    {
        var node = new NodeClass<TNode>();
        return AddNode(
            name,
            (context, cancellationToken) => node.RunAsync(context, made => made.RunAsync(context, cancellationToken)),
            options,
            subgraph: null);
    }

    /// <summary>Adds a choice of sends after <paramref name="source"/>.</summary>
    public StateGraph AddConditionalEdges(
        string source, Func<NodeContext, IEnumerable<Send>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        return AddBranch(source, (context, _) => new ValueTask<IReadOnlyList<Destination>>(Send.All(route(context))), targets);
    }

    /// <summary>Adds a choice, made by waiting for something, of one next node after <paramref name="source"/>.</summary>
    public StateGraph AddConditionalEdges(
        string source, Func<NodeContext, CancellationToken, Task<Destination>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        return AddBranch(source, async (context, cancellationToken) => [await route(context, cancellationToken)], targets);
    }

    /// <summary>Adds a choice, made by waiting for something, of sends after <paramref name="source"/>.</summary>
    public StateGraph AddConditionalEdges(
        string source, Func<NodeContext, CancellationToken, Task<IEnumerable<Send>>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        return AddBranch(source, async (context, cancellationToken) => Send.All(await route(context, cancellationToken)), targets);
    }
}
