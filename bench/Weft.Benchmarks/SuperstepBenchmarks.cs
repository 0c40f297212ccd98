using BenchmarkDotNet.Attributes;
using Weft.Graphs;

namespace Weft.Benchmarks;

/// <summary>What a superstep costs, in time and in bytes allocated.</summary>
[MemoryDiagnoser]
public class SuperstepBenchmarks
{
    private static readonly LastValueChannel<int> Count = Channel.LastValue("count", 0);
    private static readonly ListChannel<int> Items = Channel.List<int>("items");

    private readonly CompiledGraph _loop = new StateGraph()
        .AddChannel(Count)
        .AddNode("step", context => new StateUpdate().Set(Count, context.Get(Count) + 1))
        .AddEdge(StateGraph.Start, "step")
        .AddConditionalEdges("step", context => context.Get(Count) < 10 ? "step" : StateGraph.End, ["step"])
        .Compile();

    private readonly CompiledGraph _fan = new StateGraph()
        .AddChannels(Count, Items)
        .AddNode("work", context => new StateUpdate().Add(Items, context.Get(Count)))
        .AddConditionalEdges(
            StateGraph.Start,
            context =>
                [
                    .. Enumerable.Range(0, context.Get(Count))
                        .Select(i => (Destination)Send.Of("work", new Dictionary<string, int> { ["count"] = i })),
                ],
            ["work"])
        .Compile();

    private readonly CompiledGraph _one = new StateGraph()
        .AddChannel(Count)
        .AddNode("one", _ => new StateUpdate().Set(Count, 1))
        .AddEdge(StateGraph.Start, "one")
        .Compile();

    /// <summary>A whole run of one node: the superstep of the input and its own.</summary>
    [Benchmark]
    public Task<GraphRunResult> Run_of_one_node() => _one.RunAsync(new StateUpdate());

    /// <summary>The same with its three checkpoints kept in memory.</summary>
    [Benchmark]
    public Task<GraphRunResult> Run_of_one_node_with_checkpoints() =>
        _one.RunAsync(new StateUpdate(), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    /// <summary>Ten supersteps of one small node, each with a conditional edge.</summary>
    [Benchmark(OperationsPerInvoke = 10)]
    public Task<GraphRunResult> Superstep() => _loop.RunAsync(new StateUpdate());

    /// <summary>The same with a checkpoint kept in memory after each.</summary>
    [Benchmark(OperationsPerInvoke = 10)]
    public Task<GraphRunResult> Superstep_with_checkpoint() =>
        _loop.RunAsync(new StateUpdate(), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    /// <summary>One of a thousand sends that run in one superstep.</summary>
    [Benchmark(OperationsPerInvoke = 1000)]
    public Task<GraphRunResult> Send_of_a_thousand() => _fan.RunAsync(new StateUpdate().Set(Count, 1000));

    /// <summary>The same with checkpoints kept in memory.</summary>
    [Benchmark(OperationsPerInvoke = 1000)]
    public Task<GraphRunResult> Send_of_a_thousand_with_checkpoints() =>
        _fan.RunAsync(new StateUpdate().Set(Count, 1000), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });
}
