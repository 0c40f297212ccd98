using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Store;

public sealed class NodeStoreTests
{
    private static readonly CompiledGraph Counter = New().AddNode("count", CountAsync).Chain("count").Compile();

    [Fact]
    public async Task Runs_that_share_a_store_share_its_items()
    {
        var options = new GraphRunOptions { Store = new InMemoryStore() };

        (await Counter.RunAsync(GraphInput.FromJson(GraphJson.EmptyObject), options, TestContext.Current.CancellationToken))
            .TrailOf()
            .ShouldBe(["1"]);
        (await Counter.RunAsync(GraphInput.FromJson(GraphJson.EmptyObject), options, TestContext.Current.CancellationToken))
            .TrailOf()
            .ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_node_of_a_graph_inside_a_graph_has_the_store_too()
    {
        var outer = New()
            .AddNode(
                "inner",
                async (context, token) =>
                    new StateUpdate()
                        .Add(
                            Trail,
                            (await context.RunAsync(Counter, GraphInput.FromJson(GraphJson.EmptyObject), token)).Get(Trail)![0]))
            .Chain("inner")
            .Compile();

        (await outer.RunAsync(GraphInput.FromJson(GraphJson.EmptyObject), new GraphRunOptions { Store = new InMemoryStore() }, TestContext.Current.CancellationToken))
            .TrailOf()
            .ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_node_that_asks_for_a_store_that_is_not_there_is_told_what_to_set()
    {
        var error = await Should.ThrowAsync<NodeFailedException>(
            () => Counter.RunAsync(
                GraphInput.FromJson(GraphJson.EmptyObject), new GraphRunOptions(), TestContext.Current.CancellationToken));

        error.InnerException.ShouldBeOfType<NoStoreException>().Message.ShouldContain("GraphRunOptions.Store");
    }

    private static async Task<NodeResult> CountAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var count = (await context.Store.FindValueAsync<Count>(["counts"], "c", cancellationToken: cancellationToken))?.Value + 1 ?? 1;
        await context.Store.PutAsync(["counts"], "c", new Count(count), cancellationToken: cancellationToken);
        return new StateUpdate().Add(Trail, $"{count}");
    }

    private sealed record Count(int Value);
}
