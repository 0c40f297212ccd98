using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>A member that is an agent with a tool.</summary>
internal static class Accountant
{
    public static CompiledGraph Create(IChatClient model)
    {
        var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item in euros.");
        return AgentGraph.Create(model, [price], new AgentGraphOptions { SystemPrompt = "You are the accountant. You know prices." });
    }
}
