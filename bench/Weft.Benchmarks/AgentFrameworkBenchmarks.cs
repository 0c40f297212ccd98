using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Agents.AI.Workflows;
using Weft.AgentFramework;
using Weft.Graphs;
using AgentWorkflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.Benchmarks;

/// <summary>
/// The same two graphs in the workflow runner of Microsoft Agent Framework and in the engine, with checkpoints in memory and without: a
/// chain of ten steps that add one, and ten steps at the same time that are joined. The served workflow is the first one as a Weft graph.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class AgentFrameworkBenchmarks
{
    private const int Steps = 10;

    private static readonly LastValueChannel<int> Count = Channel.LastValue("count", 0);
    private static readonly ListChannel<int> Items = Channel.List<int>("items");

    private readonly CompiledGraph _chain = ChainGraph();
    private readonly CompiledGraph _fan = FanGraph();
    private readonly CompiledGraph _served = AIWorkflowGraph.Create<int>(ChainWorkflow);

    /// <summary>Checks that both runners compute the same.</summary>
    [GlobalSetup]
    public async Task Check()
    {
        var sums = (int[])[await Chain_of_the_framework(), (await Chain()).Values.Get(Count)];
        var counts = (int[])[await Fan_of_the_framework(), (await Fan()).Values.Get(Items).Count];
        if (sums is not [Steps, Steps] || counts is not [Steps, Steps])
        {
            throw new InvalidOperationException($"The runners differ: {string.Join(", ", [.. sums, .. counts])}.");
        }
    }

    [Benchmark(Baseline = true), BenchmarkCategory("Chain")]
    public Task<int> Chain_of_the_framework() => RunAsync(ChainWorkflow(), InProcessExecution.Lockstep);

    [Benchmark, BenchmarkCategory("Chain")]
    public Task<GraphRunResult> Chain() => _chain.RunAsync(new StateUpdate());

    [Benchmark(Baseline = true), BenchmarkCategory("Chain with checkpoints")]
    public Task<int> Chain_of_the_framework_with_checkpoints() =>
        RunAsync(ChainWorkflow(), InProcessExecution.Lockstep.WithCheckpointing(CheckpointManager.CreateInMemory()));

    [Benchmark, BenchmarkCategory("Chain with checkpoints")]
    public Task<GraphRunResult> Chain_with_checkpoints() =>
        _chain.RunAsync(new StateUpdate(), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    [Benchmark, BenchmarkCategory("Chain with checkpoints")]
    public Task<GraphRunResult> Chain_of_the_framework_served() => _served.RunAsync(
        GraphInput.FromJson(System.Text.Json.JsonElement.Parse("""{"input":0}""")), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    [Benchmark(Baseline = true), BenchmarkCategory("Fan-out")]
    public Task<int> Fan_of_the_framework() => RunAsync(FanWorkflow(), InProcessExecution.Lockstep);

    [Benchmark, BenchmarkCategory("Fan-out")]
    public Task<GraphRunResult> Fan() => _fan.RunAsync(new StateUpdate());

    [Benchmark(Baseline = true), BenchmarkCategory("Fan-out with checkpoints")]
    public Task<int> Fan_of_the_framework_with_checkpoints() =>
        RunAsync(FanWorkflow(), InProcessExecution.Lockstep.WithCheckpointing(CheckpointManager.CreateInMemory()));

    [Benchmark, BenchmarkCategory("Fan-out with checkpoints")]
    public Task<GraphRunResult> Fan_with_checkpoints() =>
        _fan.RunAsync(new StateUpdate(), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    private static async Task<int> RunAsync(AgentWorkflow workflow, IWorkflowExecutionEnvironment environment)
    {
        var output = 0;
        await using var run = await environment.RunStreamingAsync(workflow, 0);
        await foreach (var happened in run.WatchStreamAsync())
        {
            output = happened is WorkflowOutputEvent { Data: int value } ? value : output;
        }

        return output;
    }

    private static AgentWorkflow ChainWorkflow()
    {
        var steps = Enumerable.Range(0, Steps).Select(i => ((Func<int, int>)(value => value + 1)).BindAsExecutor($"step{i}")).ToList();
        var builder = new WorkflowBuilder(steps[0]);
        for (var i = 1; i < Steps; i++)
        {
            builder.AddEdge(steps[i - 1], steps[i]);
        }

        return builder.WithOutputFrom(steps[^1]).Build();
    }

    private static AgentWorkflow FanWorkflow()
    {
        var start = ((Func<int, int>)(value => value)).BindAsExecutor("start");
        var steps = Enumerable.Range(0, Steps).Select(i => ((Func<int, int>)(value => value + 1)).BindAsExecutor($"step{i}")).ToList();
        var seen = 0;
        var end = ((Func<int, int>)(value => seen += value)).BindAsExecutor("end");
        return new WorkflowBuilder(start).AddFanOutEdge(start, steps).AddFanInBarrierEdge(steps, end).WithOutputFrom(end).Build();
    }

    private static CompiledGraph ChainGraph()
    {
        var graph = new StateGraph().AddChannel(Count);
        for (var i = 0; i < Steps; i++)
        {
            graph.AddNode($"step{i}", context => new StateUpdate().Set(Count, context.Get(Count) + 1))
                .AddEdge(i == 0 ? StateGraph.Start : $"step{i - 1}", $"step{i}");
        }

        return graph.Compile();
    }

    private static CompiledGraph FanGraph()
    {
        var steps = Enumerable.Range(0, Steps).Select(i => $"step{i}").ToList();
        var graph = new StateGraph().AddChannel(Items).AddNode("start", _ => StateUpdate.None).AddEdge(StateGraph.Start, "start");
        foreach (var step in steps)
        {
            graph.AddNode(step, _ => new StateUpdate().Add(Items, 1)).AddEdge("start", step);
        }

        return graph.AddNode("end", _ => StateUpdate.None).AddEdge(steps, "end").Compile();
    }
}
