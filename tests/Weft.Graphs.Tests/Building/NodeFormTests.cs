using Weft.Graphs.Tests.Typed;

namespace Weft.Graphs.Tests.Building;

/// <summary>The forms in which nodes and routes are written. That they compile is half of the test.</summary>
public sealed class NodeFormTests
{
    private static readonly ListChannel<string> Log = Channel.List<string>("log");
    private static readonly LastValueChannel<string> Word = Channel.LastValue<string>("word");
    private static readonly ReducerChannel<int> Sum = Channel.Reducer("sum", 0, (sum, more) => sum + more);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_of_channels()
    {
        var graph = new StateGraph()
            .AddChannels(Log, Word, Sum)
            .AddNode("a", context => new StateUpdate().Add(Log, context.Node))
            .AddNode("b", async context =>
            {
                await Task.Yield();
                return new StateUpdate().Add(Log, context.Node);
            })
            .AddNode("c", async (context, stop) =>
            {
                await Task.Delay(0, stop);
                return new StateUpdate().Add(Log, context.Node);
            })
            .AddNode("d", Update)
            .AddNode("e", UpdateAsync)
            .AddNode("f", UpdateWithTokenAsync)
            .AddNode("g", Result)
            .AddNode("h", ResultAsync)
            .AddNode("i", ResultWithTokenAsync)
            .AddNode("j", ResultValueAsync)
            .AddNode("k", NullableUpdate)
            .AddNode("l", async (context, _) => context.Get(Sum) > 0
                ? new Command { Update = new StateUpdate().Add(Log, context.Node) }
                : new StateUpdate().Add(Log, await Task.FromResult(context.Node)))
            .AddNode("m", context => context.Get(Log).Count < context.Get(Sum) ? StateUpdate.None : new StateUpdate().Add(Log, context.Node));
        foreach (var (from, to) in "abcdefghijkl".Zip("bcdefghijklm"))
        {
            graph.AddEdge($"{from}", $"{to}");
        }

        var result = await graph.AddEdge(StateGraph.Start, "a").Compile().RunAsync(StateUpdate.None, cancellationToken: Stop);

        string.Concat(result.Values.Get(Log)).ShouldBe("abcdefghijlm");
        result.Values.Get(Log).Count.ShouldBe(12);
    }

    [Fact]
    public async Task Routes_of_channels()
    {
        string[] words = ["x", "y"];
        StateGraph Graph() => new StateGraph().AddChannels(Log, Word)
            .AddNode("look", context => new StateUpdate().Add(Log, context.Get(Word) ?? "none"));
        StateGraph[] graphs =
        [
            Graph().AddConditionalEdges(StateGraph.Start, _ => "look"),
            Graph().AddConditionalEdges(StateGraph.Start, async (_, stop) =>
            {
                await Task.Delay(0, stop);
                return "look";
            }),
            Graph().AddConditionalEdges(StateGraph.Start, _ => ["look"]),
            Graph().AddConditionalEdges(StateGraph.Start, _ => [.. words.Select(To)]),
            Graph().AddConditionalEdges(StateGraph.Start, _ => words.Select(To)),
            Graph().AddConditionalEdges(StateGraph.Start, _ => words.Select(To).ToList()),
            Graph().AddConditionalEdges(StateGraph.Start, _ => words.Select(To).ToArray()),
            Graph().AddConditionalEdges(StateGraph.Start, async (_, stop) =>
            {
                await Task.Delay(0, stop);
                return words.Select(To);
            }),
        ];

        var logs = new List<string>();
        foreach (var graph in graphs)
        {
            logs.Add(string.Join(',', (await graph.Compile().RunAsync(StateUpdate.None, cancellationToken: Stop)).Values.Get(Log)));
        }

        logs.ShouldBe(["none", "none", "none", "x,y", "x,y", "x,y", "x,y", "x,y"]);
    }

    [Fact]
    public async Task Nodes_and_routes_of_a_record()
    {
        var graph = Everything.CreateGraph()
            .AddNode("a", _ => new() { Log = ["a"] })
            .AddNode("b", (_, context) => new() { Log = [context.Node] })
            .AddNode("c", async _ =>
            {
                await Task.Yield();
                return new() { Log = ["c"] };
            })
            .AddNode("d", async (_, stop) =>
            {
                await Task.Delay(0, stop);
                return new() { Log = ["d"] };
            })
            .AddNode("e", async (_, context) =>
            {
                await Task.Yield();
                return new() { Log = [context.Node] };
            })
            .AddNode("f", async (state, context, stop) =>
            {
                await Task.Delay(0, stop);
                return new() { Log = [context.Node], Total = state.Log.Count };
            })
            .AddNode("g", Typed)
            .AddNode("h", TypedAsync)
            .AddNode("i", TypedWithTokenAsync)
            .AddNode("j", TypedWithContextAsync)
            .AddNode("k", _ => throw new InvalidOperationException("Not reached."))
            .AddConditionalEdges(StateGraph.Start, state => state.Log.Count == 0 ? "a" : "k", ["a", "k"])
            .AddConditionalEdges("a", state => state.Log is ["a"], new Dictionary<bool, string> { [true] = "b", [false] = "k" })
            .AddConditionalEdges("b", _ => ["c"], ["c"])
            .AddConditionalEdges("c", state => state.Log.Take(1).Select(word => Send.Of("d", new Everything.Update { Topic = word })), ["d"])
            .AddConditionalEdges(
                "d",
                async (_, stop) =>
                {
                    await Task.Delay(0, stop);
                    return "e";
                },
                ["e"])
            .AddEdge("e", "f").AddEdge("f", "g").AddEdge("g", "h").AddEdge("h", "i").AddEdge("i", "j");

        var result = await graph.Compile().RunAsync(new Everything.Update { Topic = "t" }, cancellationToken: Stop);

        string.Concat(result.Values.As<Everything>().Log).ShouldBe("abcdefghij");
    }

    private static Send To(string word) => Send.Of("look", new StateUpdate().Set(Word, word));

    private static StateUpdate Update(NodeContext context) => new StateUpdate().Add(Log, context.Node);

    private static StateUpdate? NullableUpdate(NodeContext context) => null;

    private static Task<StateUpdate> UpdateAsync(NodeContext context) => Task.FromResult(Update(context));

    private static Task<StateUpdate> UpdateWithTokenAsync(NodeContext context, CancellationToken stop) => Task.FromResult(Update(context));

    private static NodeResult Result(NodeContext context) => Update(context);

    private static Task<NodeResult> ResultAsync(NodeContext context) => Task.FromResult<NodeResult>(Update(context));

    private static Task<NodeResult> ResultWithTokenAsync(NodeContext context, CancellationToken stop) => ResultAsync(context);

    private static ValueTask<NodeResult> ResultValueAsync(NodeContext context, CancellationToken stop) => new(Update(context));

    private static Everything.Update Typed(Everything state) => new() { Log = ["g"] };

    private static Task<Everything.Update> TypedAsync(Everything state) => Task.FromResult<Everything.Update>(new() { Log = ["h"] });

    private static Task<Everything.Update> TypedWithTokenAsync(Everything state, CancellationToken stop) =>
        Task.FromResult<Everything.Update>(new() { Log = ["i"] });

    private static Task<Everything.Update> TypedWithContextAsync(Everything state, NodeContext context, CancellationToken stop) =>
        Task.FromResult<Everything.Update>(new() { Log = [context.Node] });
}
