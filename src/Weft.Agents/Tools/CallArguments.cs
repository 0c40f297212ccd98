using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The arguments of a tool, with the call that they are from.</summary>
internal sealed class CallArguments(ToolCall call) : AIFunctionArguments(ToolArguments.Read(call.Args))
{
    public ToolCall Call { get; } = call;
}
