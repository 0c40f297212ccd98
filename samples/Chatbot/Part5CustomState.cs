using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>The state has more than messages: a tool writes two facts that a person has checked.</summary>
internal static class Part5CustomState
{
    public static LastValueChannel<string> Person { get; } = Channel.LastValue<string>("person");

    public static LastValueChannel<string> Birthday { get; } = Channel.LastValue<string>("birthday");

    public static AIFunction SaveBirthday { get; } = AgentTool.Create(
        (string person, string birthday, NodeContext context) =>
        {
            var review = context.Interrupt<Claim, Review>(new("Is this right?", person, birthday));
            var checkedBirthday = review.Correction ?? birthday;
            return new ToolOutput(
                $"Saved: {person} was born on {checkedBirthday}.",
                state => state.Set(Person, person).Set(Birthday, checkedBirthday));
        },
        "save_birthday",
        "Saves the birthday of a person, after an expert has checked it.");

    public static async Task RunAsync(IChatClient model)
    {
        var graph = AgentGraph.Create(
            model, [Part2Tools.Search, SaveBirthday], new AgentGraphOptions { Channels = [Person, Birthday] });
        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        await Terminal.SayAsync(graph, "Save the birthday of Ada Lovelace.", thread);
        var state = await graph.GetStateAsync(thread.Checkpointer);
        Console.Write($"{state!.Interrupts.Single().Value} A correction, or nothing: ");
        var correction = Console.ReadLine();
        var review = new Review(string.IsNullOrEmpty(correction) ? null : correction);
        await Terminal.PrintAsync(graph, Command.ResumeWith(review), thread);

        // Code outside of the graph can edit the state too.
        var edited = await graph.UpdateStateAsync(thread, new StateUpdate().Set(Person, "Ada, Countess of Lovelace"));
        Console.WriteLine($"{edited.Values.Get(Person)}, born on {edited.Values.Get(Birthday)}");
    }

    /// <summary>What the person is asked.</summary>
    public sealed record Claim(string Question, string Person, string Birthday);

    /// <summary>What the person answers.</summary>
    public sealed record Review(string? Correction = null);
}
