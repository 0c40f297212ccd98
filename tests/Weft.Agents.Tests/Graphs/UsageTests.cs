using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;

namespace Weft.Agents.Tests.Graphs;

/// <summary>A run counts what the models that its nodes call report.</summary>
public sealed class UsageTests
{
    private static readonly UsageDetails Details = new()
    {
        InputTokenCount = 10,
        OutputTokenCount = 3,
        TotalTokenCount = 14,
        CachedInputTokenCount = 5,
        ReasoningTokenCount = 2,
    };

    private static readonly TokenUsage Once = new(10, 3, 14, 5, 2);

    [Theory]
    [InlineData(StreamMode.None)]
    [InlineData(StreamMode.MessagesTuple)]
    [InlineData(StreamMode.Events)]
    public async Task A_message_in_the_state_is_counted_once(StreamMode modes)
    {
        var client = Script.Model(ScriptedAnswer.OfUpdates([.. Script.Pieces("m", "Hel", "lo"), Reported("m")]));

        (await CountAsync(ChatGraph.Create(client), modes)).ShouldBe(Once);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_whose_message_is_dropped_is_counted(bool isStreamed)
    {
        var client = new GraphChatClient(Script.Model(ScriptedAnswer.OfUpdates([.. Script.Pieces("m", "yes"), Reported("m")])));
        var messages = Channel.Messages();
        var graph = new StateGraph().AddChannel(messages)
            .AddNode("classify", async (_, stop) =>
            {
                if (isStreamed)
                {
                    await client.GetStreamingResponseAsync("?", cancellationToken: stop).ToChatResponseAsync(stop);
                }
                else
                {
                    await client.GetResponseAsync("?", cancellationToken: stop);
                }

                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "classify").Compile();

        (await CountAsync(graph)).ShouldBe(Once);
    }

    [Fact]
    public async Task Each_call_is_counted_and_a_model_that_reports_nothing_is_not()
    {
        var calls = Script.CallPiece(("c1", "add", new Dictionary<string, object?> { ["a"] = 1, ["b"] = 2 }));
        var client = Script.Model(
            ScriptedAnswer.OfUpdates(calls, Reported(null)), ScriptedAnswer.OfUpdates([.. Script.Pieces("m2", "3"), Reported("m2")]));
        var tool = AIFunctionFactory.Create((int a, int b) => a + b, "add");

        (await CountAsync(AgentGraph.Create(client, [tool]))).ShouldBe(Once.Plus(Once));
        (await CountAsync(ChatGraph.Create(new ScriptedChatClient(Script.Says("m", "hi"))))).ShouldBeNull();
    }

    private static ChatResponseUpdate Reported(string? id) => Script.Piece(id, new UsageContent(Details));

    private static async Task<TokenUsage?> CountAsync(CompiledGraph graph, StreamMode modes = StreamMode.None)
    {
        var usage = new UsageCounter();
        await graph.RunAsync(
            GraphInput.FromJson(GraphJson.Parse("""{"messages":[{"role":"user","content":"hi"}]}"""u8)),
            new GraphRunOptions { Usage = usage, Modes = modes, Sink = new NoSink() },
            TestContext.Current.CancellationToken);
        // The client says its name only in its metadata.
        usage.Total?.Models.ShouldHaveSingleItem().ShouldBe(new KeyValuePair<string, TokenUsage>("small", usage.Total.Total));
        return usage.Total?.Total;
    }

    private sealed class NoSink : IStreamSink
    {
        public void Emit(StreamPart part)
        {
        }
    }
}
