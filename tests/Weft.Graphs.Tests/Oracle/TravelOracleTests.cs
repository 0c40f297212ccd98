namespace Weft.Graphs.Tests.Oracle;

/// <summary>Back in time, edits of the past, and what durability leaves of it.</summary>
public sealed class TravelOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["durability_exit_fails"] = "E1: the history shows what tasks did that ran; JS loses it with this durability.",
        ["durability_exit_subgraph_asks"] = "As durability_exit_fails, and the state in which the graph inside ended.",
        ["command_at_the_end"] = "The checkpoint before a command stays as it was; JS shows the command's writes there too.",
        ["command_at_a_breakpoint"] = "As command_at_the_end.",
        ["fork_with_goto"] = "As command_at_the_end.",
        ["goto_parts"] = "As command_at_the_end, and a goto to an unknown node is refused.",
        ["replay_with_interrupt"] = "C6, G5: a fork forgets answers and takes the new one; JS gives the old answer again.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("travel");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) =>
        Traces.CompareAsync("travel", scenario, TravelGraphs.Build, Departures);
}
