using BenchmarkDotNet.Attributes;
using Weft.Graphs;

namespace Weft.Benchmarks;

/// <summary>
/// What it costs to add a message to a list, to store that, and to write the whole list. Only the last may grow with
/// its length.
/// </summary>
[MemoryDiagnoser]
public class MessageAppendBenchmarks
{
    private readonly MessagesChannel _messages = Channel.Messages();
    private readonly Message[][] _added = [.. Enumerable.Range(0, 1000).Select(i => new[] { Message.Ai("Certainly.", $"added {i}") })];
    private CompiledGraph _graph = null!;
    private InMemoryCheckpointer _thread = null!;
    private Checkpoint _before = null!;
    private StoredState _stored = null!;
    private Checkpoint _after = null!;

    /// <summary>How many messages are there before.</summary>
    [Params(10, 1000)]
    public int Length { get; set; }

    /// <summary>Makes a thread of this length.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _graph = new StateGraph()
            .AddChannel(_messages)
            .AddNode("answer", _ => new StateUpdate().Add(_messages, Message.Ai("Certainly.")))
            .AddEdge(StateGraph.Start, "answer")
            .Compile();
        _thread = new InMemoryCheckpointer();
        var options = new GraphRunOptions { Checkpointer = _thread };
        await _graph.RunAsync(
            new StateUpdate().Set(_messages, [.. Enumerable.Range(0, Length).Select(i => Message.Human($"Message {i}"))]),
            options);
        _before = (await _thread.FindAsync(_graph.Schema, "", null, CancellationToken.None))!.Checkpoint;
        _stored = CheckpointCodec.Encode(_before, 1, null).State;
        await _graph.RunAsync(new StateUpdate().Add(_messages, "One more"), options);
        _after = (await _thread.FindAsync(_graph.Schema, "", null, CancellationToken.None))!.Checkpoint with { ParentId = _before.Id };
    }

    /// <summary>Adds one of a thousand messages that come one after another.</summary>
    [Benchmark(OperationsPerInvoke = 1000)]
    public MessageList Add_a_message()
    {
        var list = _before.Values.Get(_messages)!;
        foreach (var message in _added)
        {
            list = list.Merge(message);
        }

        return list;
    }

    /// <summary>Encodes a checkpoint that has two messages more than the one it follows.</summary>
    [Benchmark]
    public int Store_a_turn() => CheckpointCodec.Encode(_after, 2, _stored).Body.Length;

    /// <summary>Writes all messages as JSON.</summary>
    [Benchmark]
    public int Write_the_state() => GraphJson.Encode(_after.Values, static (writer, values) => values.WriteTo(writer)).Length;
}
