namespace Weft.Graphs.Tests.Oracle;

/// <summary>Items kept by nodes.</summary>
public sealed class StoreOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["search"] = "B8: items put last come first; JS keeps the order of their namespaces and keys.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("store");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) => Traces.CompareAsync("store", scenario, StoreGraphs.Build, Departures);
}
