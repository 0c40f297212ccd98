using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>
/// An agent that asks for the weather once and is done. The answer takes <c>pace_ms</c> milliseconds of the run's configuration.
/// </summary>
internal static class AgentWithToolsFixture
{
    public static CompiledGraph Create() => AgentGraph.Create(
        new WeatherChatClient(),
        [AIFunctionFactory.Create(WeatherAsync, "weather", "Tells the weather.")],
        new AgentGraphOptions { Name = "agent_with_tools" });

    private static async Task<string> WeatherAsync(string query, CancellationToken cancellationToken)
    {
        await Pace.WaitAsync(NodeContext.Current!, cancellationToken);
        return query.ToLowerInvariant() is "sf" or "san francisco" ? "It's 60 degrees and foggy." : "It's 90 degrees and sunny.";
    }
}
