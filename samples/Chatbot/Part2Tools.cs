using Microsoft.Extensions.AI;
using Weft.Agents;

namespace Weft.Samples;

/// <summary>The model may call a tool. <see cref="AgentGraph"/> is the loop: model, tools, model, until the model answers.</summary>
internal static class Part2Tools
{
    /// <summary>Stands for a search of the web.</summary>
    public static AIFunction Search { get; } = AIFunctionFactory.Create(
        (string query) => query.Contains("weft", StringComparison.OrdinalIgnoreCase)
            ? "The weft is the thread that crosses the warp."
            : "Nothing was found.",
        "search",
        "Searches the web.");

    public static async Task RunAsync(IChatClient model)
    {
        var graph = AgentGraph.Create(model, [Search]);

        await Terminal.SayAsync(graph, "Search for: what is a weft?");
    }
}
