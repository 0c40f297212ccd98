using System.Diagnostics;
using Weft.Tests;

namespace Weft.Graphs.Tests.Diagnostics;

/// <summary>The spans of the engine, without a server.</summary>
public sealed class GraphSpanTests : IDisposable
{
    private static readonly LastValueChannel<string> Text = Channel.LastValue<string>("text");

    private readonly RecordedSpans _spans = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _spans.Dispose();

    [Fact]
    public async Task Supersteps_nodes_and_graphs_inside_of_nodes_are_nested()
    {
        var inner = new StateGraph().AddChannel(Text).AddNode("deep", _ => StateUpdate.None).AddEdge(StateGraph.Start, "deep")
            .Compile(new CompileOptions { Name = "inner" });
        var graph = new StateGraph().AddChannel(Text)
            .AddNode("left", inner)
            .AddNode("right", _ => StateUpdate.None)
            .AddNode("last", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "left").AddEdge(StateGraph.Start, "right").AddEdge("left", "last")
            .Compile(new CompileOptions { Name = "outer" });

        await RunAsync(graph, new GraphRunOptions { ThreadId = "t", RunId = "r", Checkpointer = new InMemoryCheckpointer() });

        var steps = _spans.Ended.Where(span => span.DisplayName == "superstep").ToList();
        steps.Select(step => step.GetTagItem("weft.superstep.tasks")).ShouldBe([2, 1, 1]);
        foreach (var (node, parent) in (ReadOnlySpan<(string, Activity)>)
            [("node left", steps[0]), ("node right", steps[0]), ("node last", steps[2]), ("node deep", steps[1])])
        {
            _spans[node].ParentSpanId.ShouldBe(parent.SpanId, node);
        }

        _spans["invoke_workflow outer"].ParentSpanId.ShouldBe(steps[0].Parent!.ParentSpanId);
        steps[1].ParentSpanId.ShouldBe(_spans["invoke_workflow inner"].SpanId);
        _spans["invoke_workflow inner"].ParentSpanId.ShouldBe(_spans["node left"].SpanId);
        _spans["invoke_workflow inner"].GetTagItem("weft.checkpoint.namespace").ShouldBeOfType<string>().ShouldStartWith("left:");
        var outer = _spans["invoke_workflow outer"];
        outer.GetTagItem("gen_ai.operation.name").ShouldBe("invoke_workflow");
        outer.GetTagItem("gen_ai.agent.name").ShouldBe("outer");
        outer.GetTagItem("gen_ai.conversation.id").ShouldBe("t");
        outer.GetTagItem("weft.run.id").ShouldBe("r");
        _spans["node right"].GetTagItem("weft.node.name").ShouldBe("right");
        _spans["node right"].GetTagItem("weft.task.id").ShouldNotBeNull();
        _spans.Ended.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task A_failure_is_described_by_the_node_and_marks_the_spans_around_it()
    {
        var graph = Graph((_, _) => throw new InvalidDataException("The tap is closed."));

        await Should.ThrowAsync<NodeFailedException>(() => RunAsync(graph));

        foreach (var span in (string[])["node work", "superstep", "invoke_workflow one"])
        {
            _spans[span].Status.ShouldBe(ActivityStatusCode.Error, span);
            _spans[span].StatusDescription.ShouldBe("The tap is closed.", span);
            _spans[span].GetTagItem("error.type").ShouldBe("System.IO.InvalidDataException", span);
            _spans[span].Events.Count(e => e.Name == "exception").ShouldBe(span == "node work" ? 1 : 0, span);
        }
    }

    [Fact]
    public async Task A_pause_is_no_failure()
    {
        var graph = Graph((context, _) => Task.FromResult<NodeResult>(new StateUpdate().Set(Text, context.Interrupt("ok?").ToString())));

        await RunAsync(graph, new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

        _spans["node work"].GetTagItem("weft.task.paused").ShouldBe(true);
        _spans.Ended.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task A_stop_is_no_failure()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var graph = Graph(async (_, cancellationToken) =>
        {
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return StateUpdate.None;
        });

        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(graph, cancellationToken: stop.Token));

        _spans.Tree.ShouldBe("invoke_workflow one\n  superstep\n    node work");
        _spans.Ended.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task A_node_that_is_tried_again_has_one_span_with_the_failure_of_each_try()
    {
        var tries = 0;
        var graph = Graph(
            (_, _) => ++tries < 3 ? throw new HttpRequestException($"busy {tries}") : Task.FromResult<NodeResult>(StateUpdate.None),
            new NodeOptions { Retry = new RetryPolicy { AttemptsMax = 3, InitialInterval = TimeSpan.FromMilliseconds(1) } });

        await RunAsync(graph);

        var node = _spans["node work"];
        node.Status.ShouldBe(ActivityStatusCode.Unset);
        node.Events.Select(e => e.Tags.Single(tag => tag.Key == "exception.message").Value).ShouldBe(["busy 1", "busy 2"]);
    }

    [Fact]
    public async Task Nothing_of_the_state_is_on_spans()
    {
        var graph = Graph((_, _) => Task.FromResult<NodeResult>(new StateUpdate().Set(Text, "secret")));

        await RunAsync(graph, new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() }, "secret");

        _spans.Ended.SelectMany(span => span.TagObjects).ShouldAllBe(tag => !$"{tag.Value}".Contains("secret"));
    }

    private static CompiledGraph Graph(Func<NodeContext, CancellationToken, Task<NodeResult>> work, NodeOptions? options = null) =>
        new StateGraph()
            .AddChannel(Text)
            .AddNode("work", work, options)
            .AddEdge(StateGraph.Start, "work")
            .Compile(new CompileOptions { Name = "one" });

    private async Task RunAsync(
        CompiledGraph graph, GraphRunOptions? options = null, string text = "go", CancellationToken? cancellationToken = null)
    {
        using var trace = _spans.Enter();
        await graph.RunAsync(new StateUpdate().Set(Text, text), options, cancellationToken ?? Stop);
    }
}
