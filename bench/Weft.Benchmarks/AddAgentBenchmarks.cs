using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Benchmarks;

/// <summary>What an agent adds to the start of an application.</summary>
[MemoryDiagnoser]
public class AddAgentBenchmarks
{
    private readonly AITool[] _tools =
        [.. Enumerable.Range(0, 50).Select(i => AIFunctionFactory.Create((int x) => x + i, $"tool{i}", "Adds."))];

    /// <summary>An agent with 50 tools is added, and its graph made.</summary>
    [Benchmark]
    public object Fifty_tools()
    {
        var services = new ServiceCollection();
        services.AddWeftRuns();
        new WeftBuilder(services).AddAgent("agent", new ModelOfBenchmarks(1), _tools, "Reckon.");
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<GraphRegistration>().Graph;
    }

    /// <summary>The same without the agent.</summary>
    [Benchmark(Baseline = true)]
    public object No_agent()
    {
        var services = new ServiceCollection();
        services.AddWeftRuns();
        using var provider = services.BuildServiceProvider();
        return provider;
    }
}
