using System.Text;
using System.Text.Json;

namespace Weft.Graphs.Tests.Streaming;

/// <summary>What a run streams and in which order (protocol, section D), where the recordings of LangGraph do not reach.</summary>
public sealed class StreamTests
{
    private static readonly MessagesChannel Messages = Channel.Messages();
    private static readonly LastValueChannel<string> Name = Channel.LastValue<string>("name");

    [Fact]
    public async Task Parts_come_in_the_order_of_the_engine()
    {
        var graph = Graph(context =>
        {
            context.Write("working");
            return new StateUpdate().Set(Name, "done");
        });
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync("""{"name":"given"}""");
        thread.Lines.ShouldBe([
            "Values: {\"messages\":[],\"name\":\"given\"}",
            "Custom: \"working\"",
            "Updates: {\"node\":{\"name\":\"done\"}}",
            "Values: {\"messages\":[],\"name\":\"done\"}",
        ]);
    }

    [Fact]
    public async Task A_message_that_was_streamed_is_not_sent_again_as_a_whole()
    {
        var graph = Graph(context =>
        {
            context.Messages.Emit("m1", Encoding.UTF8.GetBytes("""{"type":"AIMessageChunk","id":"m1","content":"he"}"""));
            context.Messages.Emit("m1", Encoding.UTF8.GetBytes("""{"type":"AIMessageChunk","id":"m1","content":"llo"}"""));
            return new StateUpdate().Add(Messages, Message.Ai("hello", "m1"), Message.Ai("whole", "m2"), Message.Human("changed", "h1"), Message.Ai("again", "m2"));
        });
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync("""{"messages":[{"role":"user","content":"hi","id":"h1"}]}""");
        Contents(thread).ShouldBe(["he", "llo", "whole"]);
        var metadata = JsonElement.Parse(thread.Of(StreamMode.MessagesTuple).First())[1];
        metadata.GetProperty("langgraph_node").GetString().ShouldBe("node");
        metadata.GetProperty("langgraph_step").GetInt32().ShouldBe(1);
        metadata.GetProperty("langgraph_checkpoint_ns").GetString()!.ShouldStartWith("node:");
    }

    [Fact]
    public async Task Messages_without_id_are_streamed_under_the_id_of_the_state()
    {
        var thread = new ThreadUnderTest(Graph(_ => new StateUpdate().Add(Messages, Message.Ai("new"))));
        var result = await thread.RunAsync();
        var id = result.Values.Get(Messages)![0].Id;
        JsonElement.Parse(thread.Of(StreamMode.MessagesTuple).ShouldHaveSingleItem())[0].GetProperty("id").GetString().ShouldBe(id);
        thread.Of(StreamMode.Updates).ShouldHaveSingleItem().ShouldContain(id!);
    }

    [Fact]
    public async Task Removals_are_no_messages_to_show()
    {
        var thread = new ThreadUnderTest(Graph(_ => new StateUpdate().Add(Messages, Message.Remove("h1"))));
        await thread.RunAsync("""{"messages":[{"role":"user","content":"hi","id":"h1"}]}""");
        Contents(thread).ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_modes_that_were_asked_for_are_sent()
    {
        var thread = new ThreadUnderTest(Graph(_ => new StateUpdate().Set(Name, "x")));
        thread.Options = thread.Options with { Modes = StreamMode.Updates };
        await thread.RunAsync();
        thread.Parts.Select(part => part.Mode).ShouldBe([StreamMode.Updates]);
    }

    [Fact]
    public async Task A_finished_sibling_is_shown_as_cached_and_not_run_again()
    {
        var runs = 0;
        var graph = new StateGraph().AddChannels(Messages, Name)
            .AddNode("plain", _ =>
            {
                runs++;
                return new StateUpdate().Set(Name, "plain");
            })
            .AddNode("ask", context => new StateUpdate().Add(Messages, Message.Ai(context.Interrupt("?").GetString()!, "a")))
            .AddEdge(StateGraph.Start, "plain").AddEdge(StateGraph.Start, "ask").Compile();
        var thread = new ThreadUnderTest(graph);
        var result = await thread.RunAsync();
        thread.Of(StreamMode.Values).Last().ShouldBeJson($$"""{"messages":[],"name":"plain","__interrupt__":[{"id":"{{result.Interrupts[0].Id}}","value":"?"}]}""");
        await thread.ResumeAsync("\"yes\"");
        runs.ShouldBe(1);
        thread.Of(StreamMode.Updates).First().ShouldBeJson("""{"plain":{"name":"plain"},"__metadata__":{"cached":true}}""");
        Contents(thread).ShouldBe(["yes"]);
    }

    [Fact]
    public async Task A_reader_that_stops_cancels_the_run()
    {
        var wasCancelled = new TaskCompletionSource();
        var graph = new StateGraph().AddChannel(Name)
            .AddNode("first", _ => new StateUpdate().Set(Name, "first"))
            .AddNode("slow", async (_, cancellationToken) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    wasCancelled.SetResult();
                }

                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "first").AddEdge("first", "slow").Compile();
        await foreach (var part in graph.StreamAsync(GraphInput.FromJson(GraphJson.EmptyObject), new GraphRunOptions { Modes = StreamMode.Updates }, TestContext.Current.CancellationToken))
        {
            part.Mode.ShouldBe(StreamMode.Updates);
            break;
        }

        await wasCancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_failure_is_told_after_the_parts_that_came_before()
    {
        var parts = new List<StreamMode>();
        await Should.ThrowAsync<NodeFailedException>(async () =>
        {
            var input = GraphInput.FromJson(JsonElement.Parse("""{"name":"given"}"""));
            await foreach (var part in Graph(_ => throw new InvalidOperationException("no")).StreamAsync(input, cancellationToken: TestContext.Current.CancellationToken))
            {
                parts.Add(part.Mode);
            }
        });
        parts.ShouldBe([StreamMode.Values]);
    }

    private static CompiledGraph Graph(Func<NodeContext, NodeResult> node) =>
        new StateGraph().AddChannels(Messages, Name).AddNode("node", node).AddEdge(StateGraph.Start, "node").Compile();

    private static IEnumerable<string> Contents(ThreadUnderTest thread) =>
        thread.Of(StreamMode.MessagesTuple).Select(json => JsonElement.Parse(json)[0].GetProperty("content").GetString()!);
}
