using System.Text;
using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

public sealed class StreamTests
{
    [Fact]
    public async Task Parts_come_in_the_order_of_the_protocol()
    {
        var thread = new ThreadUnderTest(New()
            .AddNode("say", context =>
            {
                context.Write("thinking");
                return new StateUpdate().Add(Chat, Message.Ai("hi", "a1"));
            })
            .AddNode("ask", Ask("ask", "ok?")).Chain("say", "ask").Compile());
        await thread.RunAsync("""{"name":"x"}""");
        thread.Parts.Select(part => part.Mode).ShouldBe([
            StreamMode.Values, StreamMode.Custom, StreamMode.MessagesTuple, StreamMode.Updates, StreamMode.Values,
            StreamMode.Updates, StreamMode.Values,
        ]);
        thread.Of(StreamMode.Custom).ShouldBe(["\"thinking\""]);
        thread.Of(StreamMode.Updates).Last().ShouldStartWith("""{"__interrupt__":[{"id":""");
        var pause = Element(thread.Of(StreamMode.Values).Last());
        pause.GetProperty("name").GetString().ShouldBe("x");
        pause.GetProperty("__interrupt__")[0].GetProperty("value").GetString().ShouldBe("ok?");
    }

    [Fact]
    public async Task A_streamed_message_is_not_sent_again_whole()
    {
        var thread = new ThreadUnderTest(New()
            .AddNode("say", context =>
            {
                foreach (var piece in new[] { "he", "llo" })
                {
                    context.Messages.Emit("a1", Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"a1","content":"{{piece}}"}"""));
                }

                return new StateUpdate().Add(Chat, Message.Ai("hello", "a1"), Message.Tool("4", "c", id: "t1"));
            })
            .Chain("say").Compile());
        await thread.RunAsync();
        thread.Of(StreamMode.MessagesTuple)
            .Select(part => Element(part)[0].GetProperty("content").GetString())
            .ShouldBe(["he", "llo", "4"]);
        var metadata = Element(thread.Of(StreamMode.MessagesTuple).First())[1];
        metadata.GetProperty("langgraph_node").GetString().ShouldBe("say");
        metadata.GetProperty("langgraph_step").GetInt32().ShouldBe(1);
        metadata.GetProperty("langgraph_triggers")[0].GetString().ShouldBe("branch:to:say");
        metadata.GetProperty("langgraph_path").GetRawText().ShouldBe("""["__pregel_pull","say"]""");
        metadata.GetProperty("langgraph_checkpoint_ns").GetString().ShouldStartWith("say:");
    }

    [Fact]
    public async Task Messages_that_were_there_before_and_removals_are_not_sent()
    {
        var thread = new ThreadUnderTest(New()
            .AddNode(
                "edit",
                _ => new StateUpdate().Add(Chat, Message.Human("changed", "h1"), Message.Remove("h2"), Message.Ai("new", "a1")))
            .AddNode("repeat", _ => new StateUpdate().Add(Chat, Message.Ai("newer", "a1")))
            .Chain("edit", "repeat").Compile());
        await thread.RunAsync("""{"messages":[{"role":"user","content":"one","id":"h1"},{"role":"user","content":"two","id":"h2"}]}""");
        thread.Of(StreamMode.MessagesTuple).Select(part => Element(part)[0].GetProperty("id").GetString()).ShouldBe(["a1"]);
    }

    [Fact]
    public async Task A_hidden_node_runs_and_asks_but_streams_do_not_show_it()
    {
        var hidden = new NodeOptions { Tags = [StreamTags.Hidden] };
        var thread = new ThreadUnderTest(New()
            .AddNode("say", _ => new StateUpdate().Add(Chat, Message.Ai("hi", "a1")), hidden)
            .AddNode("ask", Ask("ask", "ok?"), hidden)
            .AddNode("end", _ => new StateUpdate().Add(Chat, Message.Ai("bye", "a2")))
            .Chain("say", "ask", "end").Compile())
        {
            Options = new GraphRunOptions
            {
                Modes = StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Tasks | StreamMode.Debug | StreamMode.Events,
            },
        };

        await thread.RunAsync("""{"name":"x"}""");
        thread.Parts.Select(part => part.Mode).Distinct().ShouldBe([StreamMode.Events, StreamMode.Values, StreamMode.Debug], ignoreOrder: true);
        thread.Of(StreamMode.Events).Select(json => Element(json).GetProperty("name").GetString()).Distinct().ShouldBe(["LangGraph"]);
        thread.Of(StreamMode.Debug).ShouldAllBe(json => Element(json).GetProperty("type").GetString() == "checkpoint");
        Element(thread.Of(StreamMode.Values).Last()).GetProperty("__interrupt__")[0].GetProperty("value").GetString().ShouldBe("ok?");

        await thread.ResumeAsync("\"yes\"");
        thread.Of(StreamMode.Updates).Select(json => Element(json).EnumerateObject().Single().Name).ShouldBe(["end"]);
        thread.Of(StreamMode.MessagesTuple).ShouldHaveSingleItem().ShouldContain("bye");
        Element(thread.Of(StreamMode.Values).Last()).GetProperty("messages").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_breakpoint_at_all_nodes_does_not_stop_at_a_hidden_one()
    {
        var graph = New()
            .AddNode("a", _ => StateUpdate.None, new NodeOptions { Tags = [StreamTags.Hidden] })
            .AddNode("b", _ => StateUpdate.None)
            .Chain("a", "b").Compile();
        var checkpointer = new InMemoryCheckpointer();

        var paused = await graph.RunAsync(
            GraphInput.FromJson(Element("""{"name":"x"}""")),
            new GraphRunOptions { Checkpointer = checkpointer, InterruptBefore = NodeSelection.All },
            TestContext.Current.CancellationToken);

        paused.Head!.Checkpoint.Next.ShouldHaveSingleItem().Node.ShouldBe("b");
    }

    [Fact]
    public async Task A_node_that_writes_nothing_shows_null_and_no_values()
    {
        var thread = new ThreadUnderTest(
            New().AddNode("a", _ => (StateUpdate?)null).AddNode("b", _ => StateUpdate.None).Chain("a", "b").Compile());
        await thread.RunAsync("""{"name":"x"}""");
        thread.Lines.ShouldBe([
            "Values: {\"name\":\"x\",\"count\":0,\"trail\":[],\"messages\":[]}",
            "Updates: {\"a\":null}",
            "Updates: {\"b\":null}",
        ]);
    }

    [Fact]
    public async Task Ids_that_the_stream_shows_are_those_of_the_state()
    {
        var thread = new ThreadUnderTest(New().AddNode("say", _ => new StateUpdate().Add(Chat, Message.Ai("hi"))).Chain("say").Compile());
        var done = await thread.RunAsync("""{"messages":"hello"}""");
        var said = done.Values.Get(Chat)![1].Id;
        Element(thread.Of(StreamMode.MessagesTuple).Single())[0].GetProperty("id").GetString().ShouldBe(said);
        Element(thread.Of(StreamMode.Updates).Single())
            .GetProperty("say")
            .GetProperty("messages")[0]
            .GetProperty("id")
            .GetString()
            .ShouldBe(said);
        Element(thread.Of(StreamMode.Values).First())
            .GetProperty("messages")[0]
            .GetProperty("id")
            .GetString()
            .ShouldBe(done.Values.Get(Chat)![0].Id);
    }

    [Fact]
    public async Task Only_the_modes_asked_for_are_sent()
    {
        var thread = new ThreadUnderTest(Line("a"));
        thread.Options = thread.Options with { Modes = StreamMode.Updates };
        await thread.RunAsync();
        thread.Lines.ShouldBe(["Updates: {\"a\":{\"trail\":[\"a\"]}}"]);
    }

    [Fact]
    public async Task A_stream_ends_with_the_failure_after_the_parts_before_it()
    {
        var graph = New("a").AddNode("bad", _ => throw new InvalidOperationException("boom")).Chain("a", "bad").Compile();
        var parts = new List<string>();
        await Should.ThrowAsync<NodeFailedException>(async () =>
        {
            await foreach (var part in graph.StreamAsync(ThreadUnderTest.Json("{}"), new GraphRunOptions { Modes = StreamMode.Updates }, TestContext.Current.CancellationToken))
            {
                parts.Add(part.JsonOf());
            }
        });
        parts.ShouldBe(["""{"a":{"trail":["a"]}}"""]);
    }

    [Fact]
    public async Task A_stream_that_names_no_mode_tells_the_state()
    {
        var parts = new List<string>();
        await foreach (var part in Line("a").StreamAsync(ThreadUnderTest.Json("{}"), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() }, TestContext.Current.CancellationToken))
        {
            parts.Add($"{part.EventOf()}: {part.JsonOf()}");
        }

        parts.ShouldBe(["""values: {"count":0,"trail":["a"],"messages":[]}"""]);
    }

    [Fact]
    public async Task A_run_stops_when_the_reader_of_its_stream_does()
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource();
        var graph = New("a").AddNode("waits", async (_, cancellationToken) =>
        {
            waits.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                cancelled.SetResult();
            }

            return (StateUpdate?)null;
        }).Chain("a", "waits").Compile();
        await foreach (var part in graph.StreamAsync(ThreadUnderTest.Json("{}"), new GraphRunOptions { Modes = StreamMode.Updates }, TestContext.Current.CancellationToken))
        {
            await waits.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            break;
        }

        cancelled.Task.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_value_that_is_json_is_shown_as_it_is()
    {
        var any = Channel.LastValue<JsonElement>("any");
        var graph = new StateGraph()
            .AddChannel(any)
            .AddNode("a", _ => new StateUpdate().Set(any, Element("""{"x":[1,null,"é"]}""")))
            .AddEdge(StateGraph.Start, "a")
            .Compile();
        (await graph.RunAsync(ThreadUnderTest.Json("{}"), cancellationToken: TestContext.Current.CancellationToken))
            .Values.Json()
            .ShouldBe("""{"any":{"x":[1,null,"é"]}}""");
    }
}
