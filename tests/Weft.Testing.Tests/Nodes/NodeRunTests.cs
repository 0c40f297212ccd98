using System.Text.Json;
using Weft.Graphs;

namespace Weft.Testing.Tests.Nodes;

public sealed class NodeRunTests
{
    private static readonly LastValueChannel<string> Topic = Channel.LastValue<string>("topic");
    private static readonly LastValueChannel<int> Count = Channel.LastValue<int>("count", 0);
    private static readonly ListChannel<string> Log = Channel.List<string>("log");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_is_run_with_the_given_state_and_the_nodes_behind_it_are_not()
    {
        var ran = new List<string>();
        var graph = Begin()
            .AddNode("write", context =>
            {
                ran.Add("write");
                return new StateUpdate().Add(Log, $"about {context.Get(Topic)}").Set(Count, context.Get(Count) + 1);
            })
            .AddNode("next", _ =>
            {
                ran.Add("next");
                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "write")
            .AddEdge("write", "next")
            .Compile();

        var run = await graph.RunNodeAsync("write", new StateUpdate().Set(Topic, "looms").Set(Count, 4).Add(Log, "begun"), cancellationToken: Stop);

        run.ExpectUpdate("""{"log":["about looms"],"count":5}""");
        run.ExpectNext("next");
        run.Values.Get(Log).ShouldBe(["begun", "about looms"]);
        ran.ShouldBe(["write"]);
    }

    [Theory]
    [InlineData(1, "small")]
    [InlineData(9, "large")]
    public async Task Conditional_edges_see_the_update(int count, string next)
    {
        var graph = Begin()
            .AddNode("count", context => new StateUpdate().Set(Count, context.Get(Count) + 1))
            .AddNode("small", _ => StateUpdate.None)
            .AddNode("large", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "count")
            .AddConditionalEdges("count", context => context.Get(Count) > 5 ? "large" : "small", ["large", "small"])
            .Compile();

        var run = await graph.RunNodeAsync("count", new StateUpdate().Set(Count, count), cancellationToken: Stop);

        run.ExpectNext(next);
    }

    [Fact]
    public async Task Commands_and_sends_are_where_it_goes()
    {
        var graph = Begin()
            .AddNode(
                "plan",
                _ => new Command { Update = new StateUpdate().Set(Count, 2), Goto = [Send.Of("work", 1), Send.Of("work", 2), "wait"] },
                new NodeOptions { Destinations = ["work", "wait"] })
            .AddNode("work", context => new StateUpdate().Add(Log, $"{context.GetInput<int>()}"))
            .AddNode("wait", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "plan")
            .Compile();

        var run = await graph.RunNodeAsync("plan", cancellationToken: Stop);
        var work = await graph.RunNodeAsync(
            "work", options: new NodeRunOptions { Input = run.Sends[1].Input }, cancellationToken: Stop);

        run.ExpectNext("work", "work", "wait");
        work.ExpectUpdate("""{"log":["2"]}""");
        work.ExpectNext();
    }

    [Fact]
    public async Task A_question_pauses_the_node_and_an_answer_lets_it_finish()
    {
        var graph = Begin()
            .AddNode("ask", context =>
            {
                var topic = context.Interrupt("Which topic?").GetString();
                var sure = context.Interrupt(new Dictionary<string, string> { ["sure"] = topic! }).GetBoolean();
                return new StateUpdate().Set(Topic, sure ? topic! : "nothing");
            })
            .AddEdge(StateGraph.Start, "ask")
            .Compile();
        var options = new NodeRunOptions().Answer("silk");

        (await graph.RunNodeAsync("ask", cancellationToken: Stop)).ExpectQuestions("\"Which topic?\"");
        (await graph.RunNodeAsync("ask", options: options, cancellationToken: Stop)).ExpectQuestions("""{"sure":"silk"}""");
        var run = await graph.RunNodeAsync("ask", options: options.Answer(true), cancellationToken: Stop);

        run.ExpectQuestions();
        run.ExpectUpdate("""{"topic":"silk"}""");
    }

    [Fact]
    public async Task An_answer_of_a_type_has_its_names_as_declared()
    {
        var graph = Begin()
            .AddNode("ask", context => new StateUpdate().Set(Topic, context.Interrupt("Which?").GetProperty("Title").GetString()!))
            .AddEdge(StateGraph.Start, "ask")
            .Compile();
        var options = new NodeRunOptions().Answer(new { Title = "silk" });

        (await graph.RunNodeAsync("ask", options: options, cancellationToken: Stop)).ExpectUpdate("""{"topic":"silk"}""");
    }

    [Fact]
    public async Task A_node_that_asks_has_no_update()
    {
        var graph = Begin().AddNode("ask", context => new StateUpdate().Set(Topic, context.Interrupt("Which?").GetString()!))
            .AddEdge(StateGraph.Start, "ask").Compile();

        var run = await graph.RunNodeAsync("ask", cancellationToken: Stop);

        Should.Throw<ExpectationException>(() => run.ExpectUpdate("{}")).Message.ShouldBe("Node 'ask' has not finished. It asks: \"Which?\"");
        Should.Throw<ExpectationException>(() => run.ExpectNext()).Message.ShouldContain("has not finished");
    }

    [Fact]
    public async Task The_exception_of_a_node_is_that_of_the_test()
    {
        var graph = Begin()
            .AddNode("fail", StateUpdate? (NodeContext _) => throw new InvalidOperationException("no"))
            .AddEdge(StateGraph.Start, "fail")
            .Compile();

        (await Should.ThrowAsync<InvalidOperationException>(() => graph.RunNodeAsync("fail", cancellationToken: Stop))).Message.ShouldBe("no");
        await Should.ThrowAsync<UnknownNodeException>(() => graph.RunNodeAsync("fial", cancellationToken: Stop));
    }

    [Fact]
    public async Task A_node_sees_the_context_of_the_run_and_streams_to_the_test()
    {
        var graph = Begin()
            .AddNode("tell", async context =>
            {
                context.Write("working");
                await context.Store.PutAsync(["users"], "u1", new Dictionary<string, bool> { ["seen"] = true });
                return new StateUpdate().Set(Topic, $"{context.GetConfigurable("user")} {context.RunContext!.Value.GetProperty("model")}");
            })
            .AddEdge(StateGraph.Start, "tell")
            .Compile();
        var store = new InMemoryStore();
        var options = new NodeRunOptions
        {
            Run = new GraphRunOptions
            {
                Store = store,
                Configurable = JsonElement.Parse("""{"user":"u1"}"""),
                Context = JsonElement.Parse("""{"model":"small"}"""),
            },
        };

        var run = await graph.RunNodeAsync("tell", options: options, cancellationToken: Stop);

        run.ExpectUpdate("""{"topic":"u1 small"}""");
        run.Stream.Expect("custom", "\"working\"");
        (await store.FindValueAsync<Dictionary<string, bool>>(["users"], "u1", cancellationToken: Stop)).ShouldNotBeNull()["seen"].ShouldBeTrue();
    }

    [Fact]
    public async Task A_graph_can_be_the_node()
    {
        var inner = Begin().AddNode("deep", context => new StateUpdate().Add(Log, $"deep {context.Get(Topic)}"))
            .AddEdge(StateGraph.Start, "deep").Compile();
        var outer = Begin().AddNode("inside", inner).AddEdge(StateGraph.Start, "inside").Compile();

        var run = await outer.RunNodeAsync("inside", new StateUpdate().Set(Topic, "looms"), cancellationToken: Stop);

        run.Values.Get(Log).ShouldBe(["deep looms"]);
    }

    [Fact]
    public async Task A_command_for_the_graph_around_is_shown()
    {
        var graph = Begin()
            .AddNode("leave", _ => new Command { ToParent = true, Goto = ["elsewhere"], Update = new StateUpdate().Set(Count, 3) })
            .AddEdge(StateGraph.Start, "leave")
            .Compile();

        var run = await graph.RunNodeAsync("leave", cancellationToken: Stop);

        run.IsForParent.ShouldBeTrue();
        run.ExpectUpdate("""{"count":3}""");
        run.ExpectNext("elsewhere");
    }

    [Fact]
    public async Task What_differs_is_shown_with_both()
    {
        var graph = Begin().AddNode("count", _ => new StateUpdate().Set(Count, 3)).AddEdge(StateGraph.Start, "count").Compile();

        var run = await graph.RunNodeAsync("count", cancellationToken: Stop);

        Should.Throw<ExpectationException>(() => run.ExpectUpdate("""{"count":4}""")).Message.ReplaceLineEndings("\n").ShouldBe(
            """
            The update of node 'count' is not as expected at $.count.
            expected: {"count":4}
            but was:  {"count":3}
            """.ReplaceLineEndings("\n"));
        Should.Throw<ExpectationException>(() => run.ExpectNext("more")).Message.ReplaceLineEndings("\n").ShouldBe(
            """
            The nodes after node 'count' are not as expected.
            expected: more
            but were: (none)
            """.ReplaceLineEndings("\n"));
    }

    private static StateGraph Begin() => new StateGraph().AddChannels(Topic, Count, Log);
}
