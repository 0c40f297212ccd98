using System.Text.Json;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Benchmarks;

/// <summary>
/// Compares two costs: to read the state of a thread that is not in memory, and to parse the same state. The thread has
/// 1,000 turns of two messages of 500 bytes.
/// </summary>
[MemoryDiagnoser]
public class ColdReadBenchmarks
{
    private const int Turns = 1000;
    private const int MessageBytes = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-bench-").FullName;
    private readonly ThreadId[] _threads = new ThreadId[2];
    private ServiceProvider _services = null!;
    private ThreadStates _states = null!;
    private byte[] _json = null!;
    private int _read;

    /// <summary>Makes the thread and a copy of it.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        var messages = Channel.Messages();
        var graph = new StateGraph().AddChannel(messages)
            .AddNode("answer", _ => new StateUpdate().Add(messages, Message.Ai(new string('x', MessageBytes))))
            .AddEdge(StateGraph.Start, "answer").Compile();
        var services = new ServiceCollection()
            .AddLogging()
            .AddWeftRuns()
            .AddWeftSqlite(options => options.Path = Path.Combine(_folder, "weft.db"));
        // Of the two threads one is in memory: not the one that is read next.
        services.Configure<RunsOptions>(options => options.CachedThreadsMax = 1);
        new WeftBuilder(services).AddGraph("bench", graph);
        _services = services.BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartAsync(default);
            await service.StartedAsync(default);
        }

        _states = _services.GetRequiredService<ThreadStates>();
        var threads = _services.GetRequiredService<ThreadsFacade>();
        var runs = _services.GetRequiredService<RunsFacade>();
        _threads[0] = (await threads.CreateAsync(Actor.Anonymous, null, "{}", null, false, default)).Thread.ThreadId;
        var input = JsonElement.Parse($$"""{"messages":"{{new string('h', MessageBytes)}}"}""");
        var spec = new RunSpec
        {
            ThreadId = _threads[0],
            AssistantId = AssistantIds.ForGraph("bench"),
            Input = input,
            MultitaskStrategy = MultitaskStrategy.Enqueue,
        };
        for (var i = 0; i < Turns; i++)
        {
            await runs.JoinWaitAsync(Actor.Anonymous, await runs.CreateBackgroundAsync(Actor.Anonymous, spec, default), default);
        }

        _threads[1] = (await threads.CopyAsync(Actor.Anonymous, _threads[0], default)).Thread.ThreadId;
        _json = GraphJson.Encode((await Read_a_cold_thread())!.Checkpoint.Values, static (writer, values) => values.WriteTo(writer));
    }

    /// <summary>Removes them.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Reads the newest state from the database.</summary>
    [Benchmark]
    public Task<StateSnapshot?> Read_a_cold_thread() =>
        _states.GetAsync(Actor.Anonymous, _threads[_read++ % 2], CheckpointAddress.Head, subgraphs: false, default);

    /// <summary>Parses the JSON of the same state, and makes the texts in it.</summary>
    [Benchmark(Baseline = true)]
    public int Parse_it_into_objects() =>
        JsonNode.Parse(_json)!["messages"]!.AsArray()
            .Sum(message => message!["id"]!.GetValue<string>().Length + message["content"]!.GetValue<string>().Length);

    /// <summary>Finds out where things are in its JSON, and no more.</summary>
    [Benchmark]
    public int Parse_it_as_a_document()
    {
        using var document = JsonDocument.Parse(_json);
        return document.RootElement.GetProperty("messages").GetArrayLength();
    }
}
