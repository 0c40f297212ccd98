using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

public sealed class ToolsModeTests
{
    private static readonly ToolCall Call = new("weather", Element("""{"city":"Rome"}"""), "c1");

    [Fact]
    public async Task A_node_tells_of_the_tools_that_it_calls()
    {
        var thread = new ThreadUnderTest(New().AddNode("call", CallTool).Chain("call").Compile())
        {
            Options = new GraphRunOptions { Modes = StreamMode.Tools },
        };
        await thread.RunAsync();
        thread.Lines.ShouldBe([
            """Tools: {"event":"on_tool_start","toolCallId":"c1","name":"weather","input":"{\"city\":\"Rome\"}"}""",
            """Tools: {"event":"on_tool_event","toolCallId":"c1","name":"weather","data":"looking"}""",
            """Tools: {"event":"on_tool_end","toolCallId":"c1","name":"weather","output":{"type":"tool","id":"t1","content":"sunny","additional_kwargs":{},"response_metadata":{},"tool_call_id":"c1"}}""",
        ]);
    }

    [Fact]
    public async Task Without_a_listener_there_is_nothing_to_tell()
    {
        var spans = new List<ToolSpan?>();
        var thread = new ThreadUnderTest(New()
            .AddNode("call", context =>
            {
                spans.Add(context.StartTool(Call));
                spans.Add(ToolSpan.Current);
                return StateUpdate.None;
            })
            .Chain("call").Compile());
        await thread.RunAsync();
        spans.ShouldBe([null, null]);
    }

    [Fact]
    public async Task Tools_of_a_graph_inside_have_its_namespace()
    {
        var inner = New().AddNode("call", CallTool).Chain("call").Compile();
        var thread = new ThreadUnderTest(New().AddNode("inner", inner).Chain("inner").Compile())
        {
            Options = new GraphRunOptions { Modes = StreamMode.Tools },
        };
        await thread.RunAsync();
        thread.Events.ShouldBeEmpty();

        thread.Options = thread.Options with { StreamSubgraphs = true };
        await thread.RunAsync();
        thread.Events.Select(sent => sent.Event.Split(':')[0]).Distinct().ShouldBe(["tools|inner"]);
    }

    private static NodeResult CallTool(NodeContext context)
    {
        var span = context.StartTool(Call);
        span?.Report("looking");
        var result = Message.Tool("sunny", "c1", id: "t1");
        span?.End(result);
        return new StateUpdate().Add(Chat, result);
    }
}
