using Weft.Graphs.Tests.Typed;

namespace Weft.Graphs.Tests.Building;

public sealed class DecoratorTests
{
    private static readonly ListChannel<string> Log = Channel.List<string>("log");

    private readonly List<string> _seen = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Decorators_run_around_each_node_the_first_one_outermost()
    {
        var graph = new StateGraph().AddChannel(Log)
            .Use(Noting("outer"))
            .AddNode("a", Run, new NodeOptions { Use = [Noting("own"), Noting("innermost")] })
            .Use(Noting("inner"))
            .AddNode("b", Run)
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").Compile();

        await graph.RunAsync(StateUpdate.None, cancellationToken: Stop);

        _seen.ShouldBe(
        [
            "outer a", "inner a", "own a", "innermost a", "run a", "end innermost", "end own", "end inner", "end outer",
            "outer b", "inner b", "run b", "end inner", "end outer",
        ]);
    }

    [Fact]
    public async Task A_decorator_may_answer_in_place_of_the_node_and_change_its_result()
    {
        var graph = Everything.CreateGraph()
            .Use((context, next, stop) => context.GetState<Everything>().Total > 10
                ? new(new Everything.Update { Log = ["over budget"], Goto = [StateGraph.End] })
                : next(context, stop))
            .Use(async (context, next, stop) =>
            {
                var result = await next(context, stop);
                return result.Update is Everything.Update { Log: [var only] } ? new Everything.Update { Log = [$"{only}!"], Total = 1 } : result;
            })
            .AddNode("a", _ => new() { Log = ["a"] })
            .AddNode("b", _ => new() { Log = ["b"] })
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").Compile();

        var end = await graph.RunAsync(new Everything.Update { Topic = "t" }, cancellationToken: Stop);

        end.Values.As<Everything>().Log.ShouldBe(["a!", "over budget"]);
    }

    [Fact]
    public async Task Each_try_passes_the_decorators_and_a_cached_result_does_not()
    {
        var tries = 0;
        var retry = new RetryPolicy { AttemptsMax = 2, InitialInterval = TimeSpan.Zero };
        var graph = new StateGraph().AddChannel(Log).Use(Noting("outer"))
            .AddNode(
                "a",
                context => ++tries == 1 ? throw new IOException("once") : Run(context),
                new NodeOptions { Retry = retry, Cache = new CachePolicy() })
            .AddEdge(StateGraph.Start, "a").Compile(new CompileOptions { Cache = new InMemoryNodeCache() });

        await graph.RunAsync(StateUpdate.None, cancellationToken: Stop);
        await graph.RunAsync(StateUpdate.None, cancellationToken: Stop);

        _seen.ShouldBe(["outer a", "outer a", "run a", "end outer"]);
    }

    [Fact]
    public async Task A_question_passes_through()
    {
        var thread = new ThreadUnderTest(new StateGraph().AddChannel(Log).Use(Noting("outer"))
            .AddNode("a", context => new StateUpdate().Add(Log, context.Interrupt("go?").GetString()!))
            .AddEdge(StateGraph.Start, "a").Compile());

        await thread.RunAsync();
        var done = await thread.ResumeAsync("\"yes\"");

        done.Values.Get(Log).ShouldBe(["yes"]);
        _seen.ShouldBe(["outer a", "outer a", "end outer"]);
    }

    private NodeResult Run(NodeContext context)
    {
        _seen.Add($"run {context.Node}");
        return new StateUpdate().Add(Log, context.Node);
    }

    private NodeDecorator Noting(string name) => async (context, next, stop) =>
    {
        _seen.Add($"{name} {context.Node}");
        var result = await next(context, stop);
        _seen.Add($"end {name}");
        return result;
    };
}
