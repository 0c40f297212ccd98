using BenchmarkDotNet.Attributes;
using Weft.Graphs;

namespace Weft.Benchmarks;

/// <summary>What a node of a typed graph costs, compared with the same node over channels.</summary>
[MemoryDiagnoser]
public class TypedNodeBenchmarks
{
    private static readonly LastValueChannel<string> Topic = Channel.LastValue<string>("topic");
    private static readonly LastValueChannel<string> Draft = Channel.LastValue("draft", "");
    private static readonly LastValueChannel<int> Count = Channel.LastValue("count", 0);
    private static readonly ListChannel<string> Log = Channel.List<string>("log");

    private readonly CompiledGraph _untyped = new StateGraph()
        .AddChannels(Topic, Draft, Count, Log)
        .AddNode("step", context => new StateUpdate().Set(Count, context.Get(Count) + 1).Set(Draft, context.Get(Topic)!))
        .AddEdge(StateGraph.Start, "step")
        .AddConditionalEdges("step", context => context.Get(Count) < 10 ? "step" : StateGraph.End, ["step"])
        .Compile();

    private readonly CompiledGraph _typed = CountState.CreateGraph()
        .AddNode("step", state => new() { Count = state.Count + 1, Draft = state.Topic })
        .AddEdge(StateGraph.Start, "step")
        .AddConditionalEdges("step", state => state.Count < 10 ? "step" : StateGraph.End, ["step"])
        .Compile();

    /// <summary>Ten supersteps of a node and a conditional edge that read and write channels.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = 10)]
    public Task<GraphRunResult> Untyped() => _untyped.RunAsync(new StateUpdate().Set(Topic, "looms"));

    /// <summary>The same with a record.</summary>
    [Benchmark(OperationsPerInvoke = 10)]
    public Task<GraphRunResult> Typed() => _typed.RunAsync(new CountState.Update { Topic = "looms" });

    /// <summary>As <see cref="Untyped"/>, with checkpoints in memory.</summary>
    [Benchmark(OperationsPerInvoke = 10)]
    public Task<GraphRunResult> Untyped_with_checkpoints() =>
        _untyped.RunAsync(new StateUpdate().Set(Topic, "looms"), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    /// <summary>As <see cref="Typed"/>, with checkpoints in memory.</summary>
    [Benchmark(OperationsPerInvoke = 10)]
    public Task<GraphRunResult> Typed_with_checkpoints() =>
        _typed.RunAsync(new CountState.Update { Topic = "looms" }, new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });
}
