using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Graphs;

/// <content>
/// Nodes that take services. The parameters after the state are a <see cref="NodeContext"/>, a
/// <see cref="CancellationToken"/> or services of the run, in any order. A lambda names their types.
/// </content>
public sealed partial class StateGraph<TState, TUpdate>
{
    /// <summary>
    /// Adds a node that is a class. Each try of the node has an object of its own, which the services of the run make; the
    /// class need not be registered.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    /// <exception cref="InvalidOperationException">The class has no constructor that can be used.</exception>
    public StateGraph<TState, TUpdate> AddNode<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TNode>(string name, NodeOptions? options = null)
        where TNode : class, INode<TState, TUpdate>
    {
        var node = new NodeClass<TNode>();
        return Add(
            name,
            (context, cancellationToken) => node.RunAsync(
                context, async made => await made.RunAsync(context.Values.As<TState>(), context, cancellationToken)),
            options);
    }

    /// <summary>Adds a node that computes without waiting, and takes the context, the token or a service.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work: takes the state, and returns the members to write.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    public StateGraph<TState, TUpdate> AddNode<T1>(string name, Func<TState, T1, TUpdate?> run, NodeOptions? options = null)
        where T1 : notnull
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, stop) => new(run(context.Values.As<TState>(), Get<T1>(context, stop))), options);
    }

    /// <inheritdoc cref="AddNode{T1}(string, Func{TState, T1, TUpdate}, NodeOptions?)"/>
    public StateGraph<TState, TUpdate> AddNode<T1, T2>(string name, Func<TState, T1, T2, TUpdate?> run, NodeOptions? options = null)
        where T1 : notnull
        where T2 : notnull
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            name,
            (context, stop) => new(run(context.Values.As<TState>(), Get<T1>(context, stop), Get<T2>(context, stop))),
            options);
    }

    /// <summary>Adds a node that takes the context, the token or a service.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work: takes the state, and returns the members to write.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    [OverloadResolutionPriority(-1)]
    public StateGraph<TState, TUpdate> AddNode<T1>(string name, Func<TState, T1, Task<TUpdate>> run, NodeOptions? options = null)
        where T1 : notnull
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, stop) => Result(run(context.Values.As<TState>(), Get<T1>(context, stop))), options);
    }

    /// <inheritdoc cref="AddNode{T1}(string, Func{TState, T1, Task{TUpdate}}, NodeOptions?)"/>
    [OverloadResolutionPriority(-1)]
    public StateGraph<TState, TUpdate> AddNode<T1, T2>(string name, Func<TState, T1, T2, Task<TUpdate>> run, NodeOptions? options = null)
        where T1 : notnull
        where T2 : notnull
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            name,
            (context, stop) => Result(run(context.Values.As<TState>(), Get<T1>(context, stop), Get<T2>(context, stop))),
            options);
    }

    /// <inheritdoc cref="AddNode{T1}(string, Func{TState, T1, Task{TUpdate}}, NodeOptions?)"/>
    [OverloadResolutionPriority(-1)]
    public StateGraph<TState, TUpdate> AddNode<T1, T2, T3>(
        string name, Func<TState, T1, T2, T3, Task<TUpdate>> run, NodeOptions? options = null)
        where T1 : notnull
        where T2 : notnull
        where T3 : notnull
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            name,
            (context, stop) => Result(
                run(context.Values.As<TState>(), Get<T1>(context, stop), Get<T2>(context, stop), Get<T3>(context, stop))),
            options);
    }

    /// <inheritdoc cref="AddNode{T1}(string, Func{TState, T1, Task{TUpdate}}, NodeOptions?)"/>
    [OverloadResolutionPriority(-1)]
    public StateGraph<TState, TUpdate> AddNode<T1, T2, T3, T4>(
        string name, Func<TState, T1, T2, T3, T4, Task<TUpdate>> run, NodeOptions? options = null)
        where T1 : notnull
        where T2 : notnull
        where T3 : notnull
        where T4 : notnull
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            name,
            (context, stop) => Result(run(
                context.Values.As<TState>(),
                Get<T1>(context, stop),
                Get<T2>(context, stop),
                Get<T3>(context, stop),
                Get<T4>(context, stop))),
            options);
    }

    /// <summary>Returns the context, the token, or a service.</summary>
    /// <exception cref="InvalidOperationException">There is no such service.</exception>
    private static T Get<T>(NodeContext context, CancellationToken cancellationToken)
        where T : notnull =>
        typeof(T) == typeof(NodeContext) ? (T)(object)context
        : typeof(T) == typeof(CancellationToken) ? (T)(object)cancellationToken
        : context.Services.GetRequiredService<T>();
}
