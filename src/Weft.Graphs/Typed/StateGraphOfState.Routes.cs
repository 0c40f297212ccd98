using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <content>The forms of conditional edges.</content>
public sealed partial class StateGraph<TState, TUpdate>
{
    /// <summary>Adds a choice of one next node after <paramref name="source"/>.</summary>
    /// <param name="source">The node, or <see cref="StateGraph.Start"/>.</param>
    /// <param name="route">Sees the state with the node's writes applied and names the next node, or
    /// <see cref="StateGraph.End"/>.</param>
    /// <param name="targets">The nodes it may name, for checks and drawings; any, when not given.</param>
    [OverloadResolutionPriority(2)]
    public StateGraph<TState, TUpdate> AddConditionalEdges(
        string source, Func<TState, Destination> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        _graph.AddConditionalEdges(source, context => route(context.Values.As<TState>()), targets);
        return this;
    }

    /// <summary>Adds a choice of any number of next nodes and sends after <paramref name="source"/>.</summary>
    [OverloadResolutionPriority(1)]
    public StateGraph<TState, TUpdate> AddConditionalEdges(
        string source, Func<TState, IReadOnlyList<Destination>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        _graph.AddConditionalEdges(source, context => route(context.Values.As<TState>()), targets);
        return this;
    }

    /// <summary>Adds a choice of sends after <paramref name="source"/>.</summary>
    public StateGraph<TState, TUpdate> AddConditionalEdges(
        string source, Func<TState, IEnumerable<Send>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        _graph.AddConditionalEdges(source, context => route(context.Values.As<TState>()), targets);
        return this;
    }

    /// <summary>
    /// Adds a choice, made by waiting for something, of any number of next nodes and sends after
    /// <paramref name="source"/>.
    /// </summary>
    [OverloadResolutionPriority(1)]
    public StateGraph<TState, TUpdate> AddConditionalEdges(
        string source, Func<TState, CancellationToken, Task<IReadOnlyList<Destination>>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        _graph.AddConditionalEdges(
            source, (context, cancellationToken) => route(context.Values.As<TState>(), cancellationToken), targets);
        return this;
    }

    /// <summary>Adds a choice, made by waiting for something, of one next node after <paramref name="source"/>.</summary>
    public StateGraph<TState, TUpdate> AddConditionalEdges(
        string source, Func<TState, CancellationToken, Task<Destination>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        _graph.AddConditionalEdges(
            source, (context, cancellationToken) => route(context.Values.As<TState>(), cancellationToken), targets);
        return this;
    }

    /// <summary>Adds a choice of one next node after <paramref name="source"/>, by the result of a function.</summary>
    /// <param name="source">The node, or <see cref="StateGraph.Start"/>.</param>
    /// <param name="find">Sees the state with the node's writes applied.</param>
    /// <param name="ways">The node for each result.</param>
    public StateGraph<TState, TUpdate> AddConditionalEdges<TKey>(
        string source, Func<TState, TKey> find, IReadOnlyDictionary<TKey, string> ways)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(find);
        _graph.AddConditionalEdges(source, context => find(context.Values.As<TState>()), ways);
        return this;
    }
}
