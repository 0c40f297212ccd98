using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>A checkpointer keeps the state of a thread, so that the next run continues it.</summary>
internal static class Part3Memory
{
    public static async Task RunAsync(IChatClient model)
    {
        var messages = Channel.Messages();
        var graph = AgentGraph.Create(model, [Part2Tools.Search], new AgentGraphOptions { Messages = messages });
        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var other = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        await Terminal.SayAsync(graph, "My name is Ann.", thread);
        await Terminal.SayAsync(graph, "What is my name?", thread);
        await Terminal.SayAsync(graph, "What is my name?", other);

        var state = await graph.GetStateAsync(thread.Checkpointer);
        Console.WriteLine($"The first thread has {state!.Values.Get(messages).Count} messages.");
    }
}
