namespace Weft.Graphs.Tests.Oracle;

/// <summary>Graphs inside graphs.</summary>
public sealed class SubgraphOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["no_memory"] = "No checkpoint refers to a graph that keeps none; in JS the stream does, the state does not.",
        ["no_memory_and_asks"] = "As no_memory.",
        ["travel_into_subgraph"] =
            "A run from a checkpoint of a subgraph starts from the one of the root graph around it; JS goes on inside.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("subgraphs");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) =>
        Traces.CompareAsync("subgraphs", scenario, SubgraphGraphs.Build, Departures);
}
