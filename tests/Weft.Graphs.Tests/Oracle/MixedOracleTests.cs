namespace Weft.Graphs.Tests.Oracle;

/// <summary>What meets: subgraphs, questions, failures, sends, edits and breakpoints together.</summary>
public sealed class MixedOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["ask_then_fail"] = "D4: a task that failed has no update; JS tells an empty one when it had an answer.",
        ["ask_then_fail_inside"] = "As ask_then_fail.",
        ["branch_fails"] = "A node is done when its branches are; JS tells what it wrote before it fails.",
        ["deferred_behind_sends"] = "A deferred node waits for sends too; JS runs it beside them, again and again.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("mixed");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) => Traces.CompareAsync("mixed", scenario, MixedGraphs.Build, Departures);
}
