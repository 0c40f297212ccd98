using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;

namespace Weft.Agents.Tests.Docs;

public sealed class ModelSnippets : GuideSnippets
{
    [Fact]
    public async Task Tokens()
    {
        using IChatClient model = new ScriptedChatClient(Script.Says("m1", "Weft ", "crosses ", "warp."));

        // snippet: tokens
        var chat = Channel.Messages();
        var graph = new StateGraph()
            .AddChannel(chat)
            .AddNode("answer", async (context, cancellationToken) =>
                new StateUpdate().Add(chat, await model.GetMessageAsync(context.Get(chat), cancellationToken: cancellationToken)))
            .AddEdge(StateGraph.Start, "answer")
            .Compile();

        var question = new StateUpdate().Add(chat, "What does weft do?");
        await foreach (var part in graph.StreamAsync(question, new GraphRunOptions { Modes = StreamMode.MessagesTuple }))
        {
            if (part is MessageChunkPart { IsText: true } chunk)
            {
                Console.WriteLine($"{chunk.Message.Source.Node}: '{chunk.Text}'");
            }
        }
        // end

        Prints("tokens");
    }
}
