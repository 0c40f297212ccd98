namespace Weft.Graphs.Tests.Oracle;

/// <summary>Graphs inside graphs.</summary>
public sealed class SubgraphOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["edited_while_asking"] = "The answer is for the question that was asked before the edit, so the new one is asked; JS gives it to any.",
        ["no_memory"] = "E1 refers to the graph inside; JS leaves out graphs that keep nothing.",
        ["no_memory_and_asks"] = "As no_memory.",
        ["travel_into_subgraph"] = "A run from a checkpoint of a subgraph starts from the one of the root graph around it; JS goes on inside.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("subgraphs");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) => Traces.CompareAsync("subgraphs", scenario, SubgraphGraphs.Build, Departures);
}
