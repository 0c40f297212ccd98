using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Runs a node in the next superstep with an input of its own instead of the state.</summary>
/// <param name="Node">The node.</param>
/// <param name="Input">
/// The value of <see cref="NodeContext.Input"/>. If it is an object, its members are the values of channels.
/// </param>
public sealed record Send(string Node, JsonElement Input)
{
    /// <summary>Makes a send of values for channels. The other channels have their initial values.</summary>
    [OverloadResolutionPriority(1)]
    public static Send Of(string node, StateUpdate input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new(node, GraphJson.Parse(GraphJson.Encode(input.Writes, static (writer, writes) => StateUpdate.WriteTo(writer, writes))));
    }

    /// <summary>Makes a send of the members of a record. They are values of channels.</summary>
    public static Send Of<TState>(string node, TState input)
        where TState : IGraphState<TState> => Of(node, TState.ToUpdate(input));

    /// <summary>Makes a send of any value that becomes JSON.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The value.</param>
    /// <param name="typeInfo">How it becomes JSON; null means names as declared, or those of <see cref="GraphJson.Configure"/>.</param>
    public static Send Of<T>(string node, T input, JsonTypeInfo<T>? typeInfo = null) =>
        new(node, input is Message message ? message.Json : GraphJson.ToElement(input, typeInfo ?? GraphJson.PassedTypeInfo<T>()));

    internal static IReadOnlyList<Destination> All(IEnumerable<Send> sends)
    {
        ArgumentNullException.ThrowIfNull(sends);
        return [.. sends.Select(send => (Destination)send)];
    }
}
