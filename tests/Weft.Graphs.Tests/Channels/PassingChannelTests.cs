using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Channels;

public sealed class PassingChannelTests
{
    private static readonly TopicChannel<string> News = Channel.Topic<string>("news");
    private static readonly TopicChannel<string> Log = Channel.Topic<string>("log", accumulates: true);
    private static readonly EphemeralChannel<int> Flash = Channel.Ephemeral<int>("flash");
    private static readonly AnyValueChannel<string> Any = Channel.AnyValue<string>("any");
    private static readonly UntrackedChannel<string> Secret = Channel.Untracked<string>("secret");

    [Fact]
    public async Task Passing_values_are_there_for_one_superstep()
    {
        var seen = new List<string>();
        NodeResult See(NodeContext context)
        {
            seen.Add(
                $"{context.Node}:{string.Join('+', context.Get(News) ?? [])} {(context.Has(Flash) ? context.Get(Flash) : "-")} {context.Get(Any) ?? "-"} {string.Join('+', context.Get(Log) ?? [])}");
            return new StateUpdate().Add(Trail, context.Node);
        }

        var graph = New().AddChannels(News, Log, Flash, Any)
            .AddNode("a", _ => new StateUpdate().Add(News, "a1", "a2").Add(Log, "a").Set(Flash, 1).Set(Any, "same"))
            .AddNode("b", _ => new StateUpdate().Add(News, "b").Add(Log, "b").Set(Any, "same"))
            .AddNode("c", See).AddNode("d", See)
            .AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b").AddEdge(["a", "b"], "c").AddEdge("c", "d").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        seen.ShouldBe(["c:a1+a2+b 1 same a+b", "d: - - a+b"]);
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["c","d"],"count":0,"messages":[],"log":["a","b"]}""");
    }

    [Fact]
    public async Task Two_writes_to_a_value_that_passes_conflict_unless_it_takes_several()
    {
        StateGraph Graph(StateChannel channel, Func<StateUpdate> write) => New().AddChannel(channel)
            .AddNode("a", _ => write()).AddNode("b", _ => write()).AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b");
        await Should.ThrowAsync<InvalidUpdateException>(
            () => new ThreadUnderTest(Graph(Flash, () => new StateUpdate().Set(Flash, 1)).Compile()).RunAsync());
        var several = Channel.Ephemeral<int>("flash", takesSeveral: true);
        await new ThreadUnderTest(Graph(several, () => new StateUpdate().Set(several, 1)).Compile()).RunAsync();
    }

    [Fact]
    public async Task What_is_not_tracked_lives_as_long_as_the_run()
    {
        var seen = new List<string?>();
        var graph = New().AddChannel(Secret)
            .AddNode("a", _ => new StateUpdate().Set(Secret, "token"))
            .AddNode("b", context =>
            {
                seen.Add(context.Get(Secret));
                return StateUpdate.None;
            })
            .AddNode("ask", Ask("ask", "ok?")).AddNode("c", context =>
            {
                seen.Add(context.Get(Secret));
                return StateUpdate.None;
            })
            .Chain("a", "b", "ask", "c").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        (await thread.StateAsync()).Json().ShouldNotContain("token");
        await thread.ResumeAsync("1");
        seen.ShouldBe(["token", null]);
    }

    [Fact]
    public async Task A_write_may_overwrite_what_a_reducer_holds()
    {
        var thread = new ThreadUnderTest(
            New("a").AddNode("b", _ => new StateUpdate().Overwrite(Trail, ["only"])).Chain("a", "b").Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["only"]);
        thread.Of(StreamMode.Updates).Last().ShouldBe("""{"b":{"trail":{"__overwrite__":["only"]}}}""");
        (await thread.RunAsync("""{"trail":{"__overwrite__":["new"]}}""")).TrailOf().ShouldBe(["only"]);
        (await thread.HistoryAsync())[2].TrailOf().ShouldBe(["new"]);
    }

    [Fact]
    public async Task Two_that_overwrite_in_one_superstep_conflict_and_one_wins_over_all_else()
    {
        StateUpdate Whole(string item) => new StateUpdate().Overwrite(Trail, [item]);
        var both = New()
            .AddNode("a", _ => Whole("a"))
            .AddNode("b", _ => Whole("b"))
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .Compile();
        await Should.ThrowAsync<InvalidUpdateException>(() => new ThreadUnderTest(both).RunAsync());
        var one = New("c").AddNode("a", _ => Whole("a")).AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "c").Compile();
        (await new ThreadUnderTest(one).RunAsync()).TrailOf().ShouldBe(["a"]);
    }
}
