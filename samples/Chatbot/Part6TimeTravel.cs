using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>Every step of a thread is a checkpoint, from which a run can start again.</summary>
internal static class Part6TimeTravel
{
    public static async Task RunAsync(IChatClient model)
    {
        var messages = Channel.Messages();
        var graph = AgentGraph.Create(model, [Part2Tools.Search], new AgentGraphOptions { Messages = messages });
        var checkpointer = new InMemoryCheckpointer();
        var thread = new GraphRunOptions { Checkpointer = checkpointer };

        await Terminal.SayAsync(graph, "My name is Ann.", thread);
        await Terminal.SayAsync(graph, "Search for: what is a weft?", thread);

        var history = await graph.GetHistoryAsync(checkpointer).ToListAsync();
        foreach (var state in history)
        {
            var count = state.Values.Get(messages).Count;
            Console.WriteLine($"step {state.Checkpoint.Step}: {count} messages, next: {string.Join(", ", state.Next)}");
        }

        Console.WriteLine("Again, from before the last answer:");
        var beforeAnswer = history.First(state => state.Next.Contains(AgentGraph.AgentNode));
        await Terminal.PrintAsync(graph, GraphInput.Continue, thread with { CheckpointId = beforeAnswer.Checkpoint.Id });

        Console.WriteLine("Another way, from the end of the first run:");
        var afterFirstRun = history.Single(state => state.Values.Get(messages).Count == 2 && !state.HasNext);
        await Terminal.SayAsync(graph, "What is my name?", thread with { CheckpointId = afterFirstRun.Checkpoint.Id });
    }
}
