using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The result of a tool of an <see cref="AgentGraph"/> or a <see cref="ToolNode"/> that answers the model and also writes to channels,
/// or says where to go: <c>return new ToolOutput("Noted.", state => state.Add(notes, text));</c>. Such a tool is made like any other, by
/// <see cref="AIFunctionFactory"/> or <see cref="AgentTool"/>; it reads the state by <see cref="NodeContext"/>.
/// </summary>
/// <param name="text">The result that the model gets.</param>
/// <param name="write">
/// Adds the writes. They are applied with those of the other calls, in the order of the calls.
/// </param>
public sealed class ToolOutput(string text, Action<StateUpdate>? write = null) : AIContent
{
    /// <summary>The result that the model gets.</summary>
    public string Text { get; } = text;

    /// <summary>
    /// What clients get in addition, as <c>artifact</c> of the tool message. The model does not see it. Default: none.
    /// </summary>
    public JsonElement? Artifact { get; init; }

    /// <summary>
    /// Where the graph goes instead of back to the model: nodes of the graph of the tool, or with <see cref="ToParent"/> of the graph
    /// around it. <see cref="StateGraph.End"/> ends the turn, with this result as the last message. Default: none, the model goes on.
    /// </summary>
    public IReadOnlyList<Destination> Goto { get; init; } = [];

    /// <summary>
    /// Whether <see cref="Goto"/> is for the graph around that of the tool. The agent ends there, and the graph around gets its state.
    /// Default: no.
    /// </summary>
    public bool ToParent { get; init; }

    /// <summary>Makes a result with an artifact of any type that becomes JSON.</summary>
    /// <param name="text">The result that the model gets.</param>
    /// <param name="artifact">What clients get in addition.</param>
    /// <param name="typeInfo">How the artifact becomes JSON; null means <see cref="GraphJson.WebTypeInfo{T}"/>.</param>
    /// <param name="write">Adds the writes.</param>
    public static ToolOutput WithArtifact<T>(
        string text, T artifact, JsonTypeInfo<T>? typeInfo = null, Action<StateUpdate>? write = null) =>
        new(text, write) { Artifact = GraphJson.ToElement(artifact, typeInfo ?? GraphJson.WebTypeInfo<T>()) };

    internal void Write(StateUpdate update) => write?.Invoke(update);

    /// <inheritdoc />
    public override string ToString() => Text;
}
