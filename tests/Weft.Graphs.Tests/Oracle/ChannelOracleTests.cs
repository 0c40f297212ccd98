namespace Weft.Graphs.Tests.Oracle;

/// <summary>Kinds of channels, and writes that replace.</summary>
public sealed class ChannelOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["ephemeral"] = "D3: input that only clears a channel changes the state; JS does not tell.",
        ["messages_as_objects"] = "D5: messages are told in whatever form a node wrote them; JS tells of its message objects only.",
        ["messages_removed"] = "D5: a removal is no message.",
        ["reducer_fails"] = "What can't be applied is not kept, so that the thread can still be read.",
        ["topic_accumulating"] = "JS shows tasks the list as it has become since.",
        ["topic_unique"] = "A topic keeps what it is given.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("channels");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) =>
        Traces.CompareAsync("channels", scenario, ChannelGraphs.Build, Departures);
}
