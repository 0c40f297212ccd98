using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

/// <summary>The start and the end of graphs inside nodes.</summary>
public sealed class LifecycleModeTests
{
    private const StreamMode Modes = StreamMode.Lifecycle | StreamMode.Values | StreamMode.Updates;

    [Fact]
    public async Task A_subgraph_starts_before_its_other_parts_and_ends_after_them()
    {
        var parts = await StreamAsync(New().AddNode("outer", Line("inner")).Chain("outer").Compile());
        var inside = parts.Where(part => part.Namespace.Length > 0).ToList();
        inside.Select(part => part.Namespace).Distinct().ShouldHaveSingleItem().ShouldStartWith("outer:");
        var start = inside[0].ShouldBeOfType<SubgraphPart>();
        (start.Phase, start.Node, start.IsSend, start.Error).ShouldBe((SubgraphPhase.Started, "outer", false, null));
        inside[^1].ShouldBeOfType<SubgraphPart>().Phase.ShouldBe(SubgraphPhase.Completed);
        inside.OfType<SubgraphPart>().Count().ShouldBe(2);
        parts.OfType<SubgraphPart>().ShouldAllBe(part => part.Namespace.Length > 0);
    }

    [Fact]
    public async Task A_pause_and_a_failure_end_a_subgraph_too()
    {
        var asks = New().AddNode("ask", Ask("ask", "ok?")).Chain("ask").Compile();
        (await StreamAsync(New().AddNode("outer", asks).Chain("outer").Compile())).OfType<SubgraphPart>().Last().Phase
            .ShouldBe(SubgraphPhase.Interrupted);

        var fails = New().AddNode("bad", _ => throw new InvalidOperationException("boom")).Chain("bad").Compile();
        var failed = (await StreamAsync(New().AddNode("outer", fails).Chain("outer").Compile())).OfType<SubgraphPart>().Last();
        failed.Phase.ShouldBe(SubgraphPhase.Failed);
        failed.Error.ShouldBe("boom");
    }

    [Fact]
    public async Task Without_the_parts_of_subgraphs_there_are_none()
    {
        var graph = New().AddNode("outer", Line("inner")).Chain("outer").Compile();
        (await StreamAsync(graph, subgraphs: false)).ShouldNotContain(part => part is SubgraphPart);
    }

    private static async Task<List<StreamPart>> StreamAsync(CompiledGraph graph, bool subgraphs = true)
    {
        var sink = new Sink();
        var options = new GraphRunOptions
        {
            Modes = Modes,
            StreamSubgraphs = subgraphs,
            Sink = sink,
            Checkpointer = new InMemoryCheckpointer(),
        };
        await Record.ExceptionAsync(() => graph.RunAsync(ThreadUnderTest.Json("{}"), options, TestContext.Current.CancellationToken));
        return sink.Parts;
    }

    private sealed class Sink : IStreamSink
    {
        public List<StreamPart> Parts { get; } = [];

        public void Emit(StreamPart part) => Parts.Add(part);
    }
}
