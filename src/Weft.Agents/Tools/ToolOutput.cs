using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The result of a tool of an <see cref="AgentGraph"/> that answers the model and also writes to channels: <c>return
/// new ToolOutput("Noted.", state => state.Add(notes, text));</c>. Such a tool is made like any other, by
/// <see cref="AIFunctionFactory"/>; it reads the state by <see cref="NodeContext.Current"/>.
/// </summary>
/// <param name="text">The result that the model gets.</param>
/// <param name="write">
/// Adds the writes. They are applied with those of the other calls, in the order of the calls.
/// </param>
public sealed class ToolOutput(string text, Action<StateUpdate>? write = null) : AIContent
{
    /// <summary>The result that the model gets.</summary>
    public string Text { get; } = text;

    internal void Write(StateUpdate update) => write?.Invoke(update);

    /// <inheritdoc />
    public override string ToString() => Text;
}
