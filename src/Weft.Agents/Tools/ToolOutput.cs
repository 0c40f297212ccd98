using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// What a tool of an <see cref="AgentGraph"/> returns to write to channels beside answering the model: <c>return new
/// ToolOutput("Noted.", state => state.Add(notes, text));</c>. Such a tool is made like any other, by
/// <see cref="AIFunctionFactory"/>; it reads the state by <see cref="NodeContext.Current"/>.
/// </summary>
/// <param name="text">What the model is told.</param>
/// <param name="write">
/// Adds the writes. They are applied with those of the other calls, in the order of the calls.
/// </param>
public sealed class ToolOutput(string text, Action<StateUpdate>? write = null) : AIContent
{
    /// <summary>What the model is told.</summary>
    public string Text { get; } = text;

    internal void Write(StateUpdate update) => write?.Invoke(update);

    /// <inheritdoc />
    public override string ToString() => Text;
}
