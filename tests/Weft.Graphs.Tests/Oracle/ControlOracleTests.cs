namespace Weft.Graphs.Tests.Oracle;

/// <summary>How nodes are run and where the graph goes.</summary>
public sealed class ControlOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["cached_sends"] = "Sends of equal inputs have one result each; JS gives one of them those of two.",
        ["context_of_another_shape"] = "A run's context is any JSON.",
        ["error_handler"] = "There are none.",
        ["private_state"] = "All nodes see all channels.",
        ["retry_of_subgraph"] = "A graph that is tried again goes on where it failed; JS starts it anew under another namespace.",
        ["several_commands"] = "A node returns one command.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("control");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) =>
        Traces.CompareAsync("control", scenario, ControlGraphs.Build, Departures);
}
