using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Benchmarks;

/// <summary>
/// What a turn of an agent with one call of a tool costs, compared with the same two calls of the chat client and the call of the
/// tool without an agent. The model answers at once.
/// </summary>
[MemoryDiagnoser]
public class AgentBenchmarks
{
    private readonly MessagesChannel _messages = Channel.Messages();
    private IChatClient _model = null!;
    private AIFunction _tool = null!;
    private CompiledGraph _agent = null!;

    /// <summary>The tokens of the answer.</summary>
    [Params(1, 1001)]
    public int Tokens { get; set; }

    /// <summary>Makes the agent.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _model = new ModelOfBenchmarks(Tokens);
        _tool = AIFunctionFactory.Create((int x) => x + 1, "tool0");
        _agent = AgentGraph.Create(_model, [_tool], new AgentGraphOptions { Messages = _messages });
    }

    /// <summary>The calls alone, streamed.</summary>
    [Benchmark(Baseline = true)]
    public async Task<int> Calls()
    {
        List<ChatMessage> history = [new(ChatRole.User, "Reckon.")];
        var options = new ChatOptions { Tools = [_tool] };
        var first = await _model.GetStreamingResponseAsync(history, options).ToChatResponseAsync();
        history.AddRange(first.Messages);
        var call = first.Messages[0].Contents.OfType<FunctionCallContent>().Single();
        var result = await _tool.InvokeAsync(new AIFunctionArguments(call.Arguments));
        history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, result)]));
        var last = await _model.GetStreamingResponseAsync(history, options).ToChatResponseAsync();
        return last.Text.Length;
    }

    /// <summary>The agent, with checkpoints in memory.</summary>
    [Benchmark]
    public Task<GraphRunResult> Agent() => _agent.RunAsync(
        new StateUpdate().Add(_messages, "Reckon."), new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });

    /// <summary>The agent, and its tokens are streamed.</summary>
    [Benchmark]
    public async Task<int> Agent_streamed()
    {
        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer(), Modes = StreamMode.MessagesTuple };
        var parts = 0;
        await foreach (var part in _agent.StreamAsync(new StateUpdate().Add(_messages, "Reckon."), options))
        {
            part.EncodeValues();
            parts++;
        }

        return parts;
    }
}
