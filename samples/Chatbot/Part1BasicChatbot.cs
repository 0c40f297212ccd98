using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>A graph with one node, which asks the model.</summary>
internal static class Part1BasicChatbot
{
    public static async Task RunAsync(IChatClient model)
    {
        var graph = Conversation.CreateGraph()
            .AddNode("chatbot", async (state, stop) => new()
            {
                Messages = [await model.GetMessageAsync(state.Messages, cancellationToken: stop)],
            })
            .AddEdge(StateGraph.Start, "chatbot")
            .Compile();

        // An empty line ends the conversation.
        Console.Write("You: ");
        while (Console.ReadLine() is { Length: > 0 } text)
        {
            await Terminal.PrintAsync(graph, new Conversation.Update { Messages = [Message.Human(text)] });
            Console.Write("You: ");
        }
    }
}

/// <summary>The state: the messages. What a node returns is added to them.</summary>
[GraphState]
internal sealed partial record Conversation
{
    public MessageList Messages { get; init; } = MessageList.Empty;
}
