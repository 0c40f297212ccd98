using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <content>
/// The forms of nodes. Where a lambda without types fits several of them, the one of the highest priority is meant: an
/// asynchronous lambda with two parameters takes the state and the token.
/// </content>
public sealed partial class StateGraph<TState, TUpdate>
{
    /// <summary>Adds a node that computes without waiting.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work: takes the state, and returns the members to write.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    [OverloadResolutionPriority(3)]
    public StateGraph<TState, TUpdate> AddNode(string name, Func<TState, TUpdate?> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, _) => new(run(context.Values.As<TState>())), options);
    }

    /// <inheritdoc cref="AddNode(string, Func{TState, TUpdate}, NodeOptions?)"/>
    [OverloadResolutionPriority(3)]
    public StateGraph<TState, TUpdate> AddNode(string name, Func<TState, NodeContext, TUpdate?> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, _) => new(run(context.Values.As<TState>(), context)), options);
    }

    /// <summary>Adds a node.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work: takes the state, and returns the members to write.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    [OverloadResolutionPriority(2)]
    public StateGraph<TState, TUpdate> AddNode(string name, Func<TState, Task<TUpdate>> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, _) => Result(run(context.Values.As<TState>())), options);
    }

    /// <inheritdoc cref="AddNode(string, Func{TState, Task{TUpdate}}, NodeOptions?)"/>
    [OverloadResolutionPriority(2)]
    public StateGraph<TState, TUpdate> AddNode(
        string name, Func<TState, CancellationToken, Task<TUpdate>> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, cancellationToken) => Result(run(context.Values.As<TState>(), cancellationToken)), options);
    }

    /// <inheritdoc cref="AddNode(string, Func{TState, Task{TUpdate}}, NodeOptions?)"/>
    [OverloadResolutionPriority(1)]
    public StateGraph<TState, TUpdate> AddNode(string name, Func<TState, NodeContext, Task<TUpdate>> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, _) => Result(run(context.Values.As<TState>(), context)), options);
    }

    /// <inheritdoc cref="AddNode(string, Func{TState, Task{TUpdate}}, NodeOptions?)"/>
    [OverloadResolutionPriority(2)]
    public StateGraph<TState, TUpdate> AddNode(
        string name, Func<TState, NodeContext, CancellationToken, Task<TUpdate>> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            name, (context, cancellationToken) => Result(run(context.Values.As<TState>(), context, cancellationToken)), options);
    }

    private static async ValueTask<NodeResult> Result(Task<TUpdate> running) => await running;

    private StateGraph<TState, TUpdate> Add(string name, NodeFunction function, NodeOptions? options)
    {
        _graph.AddNode(name, function, options);
        return this;
    }
}
