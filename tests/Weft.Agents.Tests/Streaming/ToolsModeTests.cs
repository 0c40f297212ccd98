using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Streaming;

public sealed class ToolsModeTests
{
    private static readonly AITool Weather = AIFunctionFactory.Create((string city) => $"Sunny in {city}.", "weather");

    [Fact]
    public async Task The_call_of_a_tool_is_told_with_its_input_and_its_result()
    {
        var thread = Thread([Weather], Calls(("c1", "weather", new() { ["city"] = "Rome" })), Says(null, "Go."));

        await thread.SayAsync("hi");

        Told(thread).ShouldBe([
            """{"event":"on_tool_start","toolCallId":"c1","name":"weather","input":"{\"city\":\"Rome\"}"}""",
            """{"event":"on_tool_end","toolCallId":"c1","name":"weather","output":{"type":"tool","content":"Sunny in Rome.","additional_kwargs":{},"response_metadata":{},"name":"weather","tool_call_id":"c1"}}""",
        ]);
    }

    [Fact]
    public async Task A_tool_tells_how_far_it_is()
    {
        var slow = AIFunctionFactory.Create(
            () =>
            {
                ToolSpan.Current!.Report(0.5);
                return "done";
            },
            "slow");
        var thread = Thread([slow, Weather], Calls(("c1", "slow", []), ("c2", "weather", new() { ["city"] = "Rome" })), Says(null, "Go."));

        await thread.SayAsync("hi");

        Told(thread).ShouldContain("""{"event":"on_tool_event","toolCallId":"c1","name":"slow","data":0.5}""");
        ToolSpan.Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_tool_that_throws_has_failed_and_one_that_is_not_there_is_not_called()
    {
        var broken = AIFunctionFactory.Create(string () => throw new InvalidOperationException("no disk"), "broken");
        var thread = Thread([broken], Calls(("c1", "broken", []), ("c2", "missing", [])), Says(null, "Sorry."));

        await thread.SayAsync("hi");

        Told(thread).ShouldBe([
            """{"event":"on_tool_start","toolCallId":"c1","name":"broken","input":"{}"}""",
            """{"event":"on_tool_error","toolCallId":"c1","name":"broken","error":"no disk"}""",
        ]);
    }

    [Fact]
    public async Task A_tool_that_asks_neither_ends_nor_fails_and_starts_again_when_it_is_answered()
    {
        var ask = AIFunctionFactory.Create(() => NodeContext.Current!.Interrupt("sure?").ToString(), "ask");
        var thread = Thread([ask], Calls(("c1", "ask", [])), Says(null, "Done."));

        await thread.SayAsync("hi");
        Names(thread).ShouldBe(["on_tool_start"]);

        await thread.AnswerAsync("\"yes\"");
        Names(thread).ShouldBe(["on_tool_start", "on_tool_end"]);
    }

    private static ThreadUnderTest Thread(AITool[] tools, params IReadOnlyList<ScriptedAnswer> script) =>
        new(AgentGraph.Create(new ScriptedChatClient(script), tools)) { Modes = StreamMode.Tools | StreamMode.Values };

    private static IEnumerable<string> Told(ThreadUnderTest thread) => thread.Of(StreamMode.Tools).Select(data => data.GetRawText());

    private static IEnumerable<string?> Names(ThreadUnderTest thread) => thread.Of(StreamMode.Tools).Select(data => data.Text("event"));
}
