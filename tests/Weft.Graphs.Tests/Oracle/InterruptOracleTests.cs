namespace Weft.Graphs.Tests.Oracle;

/// <summary>A person in the loop.</summary>
public sealed class InterruptOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["several_pending_one_value"] = "C7: a bare value for several interrupts fails; JS gives it to each.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("interrupts");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) =>
        Traces.CompareAsync("interrupts", scenario, InterruptGraphs.Build, Departures);
}
