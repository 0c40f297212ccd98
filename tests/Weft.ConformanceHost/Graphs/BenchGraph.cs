using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>For measurements of load: streams as many tokens as the input asks for, then adds a message of a wanted size.</summary>
internal static class BenchGraph
{
    public static CompiledGraph Create(TimeProvider? time = null)
    {
        var messages = Channel.Messages();
        var tokens = Channel.LastValue<int>("tokens");
        var delay = Channel.LastValue<int>("delay_ms");
        var size = Channel.LastValue<int>("size");
        var model = new CountingChatClient(time ?? TimeProvider.System).StreamToGraph();

        async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var wanted = context.Get(size);
            if (context.Get(tokens) is var count and > 0)
            {
                var options = CountingChatClient.Options(count, context.Get(delay));
                var streamed = await model.GetResponseAsync([], options, cancellationToken);
                return Answer(wanted > 0 ? Filler(wanted) : streamed.Text, streamed.Messages[0].MessageId);
            }

            return Answer(wanted > 0 ? Filler(wanted) : "ok", null);
        }

        NodeResult Answer(string text, string? id) => new StateUpdate().Add(messages, Message.Ai(text, id));

        return new StateGraph()
            .AddChannels(messages, tokens, delay, size)
            .AddNode("agent", RunAsync)
            .AddEdge(StateGraph.Start, "agent")
            .AddEdge("agent", StateGraph.End)
            .Compile(new CompileOptions { Name = "bench" });
    }

    private static string Filler(int size) => new('x', size);
}
