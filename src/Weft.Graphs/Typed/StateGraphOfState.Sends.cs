using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <content>Nodes that sends run.</content>
public sealed partial class StateGraph<TState, TUpdate>
{
    /// <summary>Adds a node that sends run. It takes the input of the send instead of the state.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work: takes the input, and returns the members to write.</param>
    /// <param name="options">How it is run.</param>
    /// <param name="typeInfo">How the input is read; null means <see cref="GraphJson.WebOptions"/>.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    [OverloadResolutionPriority(3)]
    public StateGraph<TState, TUpdate> AddNodeFor<TInput>(
        string name, Func<TInput, TUpdate?> run, NodeOptions? options = null, JsonTypeInfo<TInput>? typeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, _) => new(run(context.GetInput(typeInfo))), options);
    }

    /// <inheritdoc cref="AddNodeFor{TInput}(string, Func{TInput, TUpdate}, NodeOptions?, JsonTypeInfo{TInput}?)"/>
    [OverloadResolutionPriority(3)]
    public StateGraph<TState, TUpdate> AddNodeFor<TInput>(
        string name, Func<TInput, NodeContext, TUpdate?> run, NodeOptions? options = null, JsonTypeInfo<TInput>? typeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, _) => new(run(context.GetInput(typeInfo), context)), options);
    }

    /// <inheritdoc cref="AddNodeFor{TInput}(string, Func{TInput, TUpdate}, NodeOptions?, JsonTypeInfo{TInput}?)"/>
    [OverloadResolutionPriority(2)]
    public StateGraph<TState, TUpdate> AddNodeFor<TInput>(
        string name, Func<TInput, CancellationToken, Task<TUpdate>> run, NodeOptions? options = null, JsonTypeInfo<TInput>? typeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, cancellationToken) => Result(run(context.GetInput(typeInfo), cancellationToken)), options);
    }

    /// <inheritdoc cref="AddNodeFor{TInput}(string, Func{TInput, TUpdate}, NodeOptions?, JsonTypeInfo{TInput}?)"/>
    [OverloadResolutionPriority(2)]
    public StateGraph<TState, TUpdate> AddNodeFor<TInput>(
        string name,
        Func<TInput, NodeContext, CancellationToken, Task<TUpdate>> run,
        NodeOptions? options = null,
        JsonTypeInfo<TInput>? typeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            name, (context, cancellationToken) => Result(run(context.GetInput(typeInfo), context, cancellationToken)), options);
    }
}
