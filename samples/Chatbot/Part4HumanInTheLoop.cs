using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>A tool asks a person. The run pauses, and the answer resumes it.</summary>
internal static class Part4HumanInTheLoop
{
    public static async Task RunAsync(IChatClient model)
    {
        var askExpert = AgentTool.Create(
            (string question, NodeContext context) => context.Interrupt(new { question }).GetString(),
            "ask_expert",
            "Asks a human expert.");
        var graph = AgentGraph.Create(model, [Part2Tools.Search, askExpert]);
        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        await Terminal.SayAsync(graph, "Ask an expert: which yarn is best for a beginner?", thread);

        var state = await graph.GetStateAsync(thread.Checkpointer);
        Console.Write($"Expert, please answer. {state!.Interrupts.Single().Value.GetProperty("question")} ");
        await Terminal.PrintAsync(graph, Command.ResumeWith(Console.ReadLine()), thread);
    }
}
