using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

/// <summary>Values that are no JSON: the run fails where they are kept, or else where they are shown.</summary>
public sealed class UnwritableTests
{
    private static readonly LastValueChannel<double> Ratio = Channel.LastValue<double>("ratio");
    private static readonly UntrackedChannel<Connection> Shared = Channel.Untracked<Connection>("shared");

    private static CompiledGraph Fleeting => New("b").AddChannel(Ratio)
        .AddNode("a", _ => new StateUpdate().Set(Ratio, double.NaN))
        .AddNode("c", _ => new StateUpdate().Set(Ratio, 1))
        .Chain("a", "b", "c").Compile();

    [Theory]
    [InlineData(StreamMode.Values)]
    [InlineData(StreamMode.Updates)]
    [InlineData(StreamMode.Tasks)]
    [InlineData(StreamMode.Checkpoints)]
    [InlineData(StreamMode.Debug)]
    [InlineData(StreamMode.Events)]
    public async Task What_no_checkpoint_keeps_fails_the_run_where_it_is_shown(StreamMode mode)
    {
        var thread = new ThreadUnderTest(Fleeting);
        thread.Options = thread.Options with { Durability = Durability.Exit, Modes = mode };
        var error = await Should.ThrowAsync<GraphException>(() => thread.RunAsync());
        (error.InnerException is InvalidUpdateException inner ? inner : error)
            .ShouldBeOfType<InvalidUpdateException>()
            .Message.ShouldStartWith("The value of 'ratio' is not valid JSON: ");
        (await thread.StateAsync()).Next.ShouldNotContain("c");
    }

    [Fact]
    public async Task Json_outlives_the_document_that_a_node_reads_it_from()
    {
        var (one, all, sum) = (Channel.LastValue<JsonElement>("one"), Channel.List<JsonElement>("all"), Channel.Reducer<JsonElement>("sum", JsonElement.Parse("0"), (_, added) => added));
        var graph = new StateGraph().AddChannels(one, all, sum).AddNode("read", _ =>
        {
            using var document = JsonDocument.Parse("""{"t":21}""");
            return new StateUpdate()
                .Set(one, document.RootElement)
                .Add(all, document.RootElement, document.RootElement)
                .Set(sum, document.RootElement);
        }).AddEdge(StateGraph.Start, "read").Compile();
        var thread = new ThreadUnderTest(graph);

        await thread.RunAsync();

        thread.Of(StreamMode.Values).Last().ShouldBe("""{"one":{"t":21},"all":[{"t":21},{"t":21}],"sum":{"t":21}}""");
    }

    [Fact]
    public async Task What_no_checkpoint_keeps_and_nobody_sees_is_the_nodes_own()
    {
        var thread = new ThreadUnderTest(Fleeting);
        thread.Options = thread.Options with { Durability = Durability.Exit, Modes = StreamMode.None };
        (await thread.RunAsync()).Values.Get(Ratio).ShouldBe(1);
    }

    [Fact]
    public async Task A_graph_that_keeps_nothing_fails_the_run_around_it()
    {
        var inner = New()
            .AddChannel(Ratio)
            .AddNode("a", _ => new StateUpdate().Set(Ratio, double.NaN))
            .AddNode("b", _ => new StateUpdate().Set(Ratio, 1))
            .Chain("a", "b")
            .Compile(new CompileOptions { Name = "inner", Persistence = SubgraphPersistence.None });
        var thread = new ThreadUnderTest(New().AddNode("inside", inner).Chain("inside").Compile());
        thread.Options = thread.Options with { StreamSubgraphs = true };
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Message.ShouldContain("'ratio'");
    }

    [Fact]
    public async Task Nodes_beside_the_one_that_gave_it_have_ended_when_the_run_has()
    {
        var hasBegun = new TaskCompletionSource();
        var hasEnded = false;
        var graph = New().AddChannel(Ratio).AddNode("a", async (_, cancellationToken) =>
        {
            await hasBegun.Task.WaitAsync(cancellationToken);
            return new StateUpdate().Set(Ratio, double.NaN);
        }).AddNode("b", async (_, cancellationToken) =>
        {
            hasBegun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                hasEnded = true;
            }

            return StateUpdate.None;
        }).AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b").Compile();
        var thread = new ThreadUnderTest(graph);
        thread.Options = thread.Options with { Durability = Durability.Exit };
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Node.ShouldBe("a");
        hasEnded.ShouldBeTrue();
        (await thread.StateAsync()).Next.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task What_nodes_share_untracked_is_shown_as_null()
    {
        var graph = New().AddChannel(Shared)
            .AddNode("open", _ => new StateUpdate().Set(Shared, new Connection("used")).Add(Trail, "open"))
            .AddNode("use", context => new StateUpdate().Add(Trail, context.Get(Shared)!.Use()))
            .Chain("open", "use").Compile();
        var thread = new ThreadUnderTest(graph);
        (await thread.RunAsync()).Values.ToString().ShouldBeJson("""{"trail":["open","used"],"count":0,"messages":[],"shared":null}""");
        thread.Of(StreamMode.Updates).First().ShouldBeJson("""{"open":{"shared":null,"trail":["open"]}}""");
        (await thread.StateAsync()).Json().ShouldNotContain("shared");
    }

    private sealed class Connection(string reply)
    {
        public string Secret => throw new InvalidOperationException($"Not '{reply}'.");

        public string Use() => reply;
    }
}
