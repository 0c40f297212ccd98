namespace Weft.Graphs.Tests.Oracle;

/// <summary>Back in time, edits of the past, and what durability leaves of it.</summary>
public sealed class TravelOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["durability_exit_fails"] = "E1: the history shows what tasks did that ran; JS loses it with this durability.",
        ["durability_exit_subgraph_asks"] = "As durability_exit_fails, and the state in which the graph inside ended.",
        ["fork_with_goto"] = "C7: a command joins what is pending; JS makes an input checkpoint first, Python none.",
        ["goto_parts"] = "As fork_with_goto.",
        ["replay_with_interrupt"] = "C6, G5: a fork forgets answers and takes the new one; JS gives the old answer again.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("travel");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) => Traces.CompareAsync("travel", scenario, TravelGraphs.Build, Departures);
}
