using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.AotSmoke;

/// <summary>A graph with types of its own, sends, a graph inside that asks, and the store; and a workflow.</summary>
internal static class Trip
{
    private static readonly LastValueChannel<Plan> Chosen = Channel.LastValue("plan", TripJsonContext.Default.Plan);
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly ReducerChannel<int> Days = Channel.Reducer("days", 0, (sum, more) => sum + more);

    public static CompiledGraph Graph() => new StateGraph()
        .AddChannels(Chosen, Trail, Days)
        .AddNode("choose", ChooseAsync, new NodeOptions { Destinations = ["visit"] })
        .AddNode("visit", context => new StateUpdate().Add(Trail, $"visit {context.Input}").Set(Days, 1))
        .AddNode("inside", Asking())
        .AddNode("tell", TellAsync)
        .AddEdge(StateGraph.Start, "choose")
        .AddEdge("visit", "inside")
        .AddEdge("inside", "tell")
        .Compile();

    public static CompiledGraph Essay() => Workflow.Create<Plan, Plan>(
        "essay",
        async (plan, context, stop) =>
        {
            var draft = await context.StepAsync(
                "draft",
                _ => Task.FromResult(plan with { Stops = ["draft"] }),
                typeInfo: TripJsonContext.Default.Plan,
                cancellationToken: stop);
            return draft with { Stops = [.. draft.Stops, context.Interrupt("good?").GetString()!] };
        },
        new WorkflowOptions<Plan, Plan> { Input = TripJsonContext.Default.Plan, Output = TripJsonContext.Default.Plan });

    private static CompiledGraph Asking()
    {
        var answers = Channel.List<string>("answers");
        return new StateGraph()
            .AddChannel(answers)
            .AddNode("ask", context => new StateUpdate().Add(answers, context.Interrupt("Ready?").GetString()!))
            .AddEdge(StateGraph.Start, "ask")
            .Compile();
    }

    private static async Task<NodeResult> ChooseAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var plan = new Plan("Rome", ["forum", "tiber"]);
        await context.Store.PutAsync(["plans"], "last", plan, typeInfo: TripJsonContext.Default.Plan, cancellationToken: cancellationToken);
        return new Command
        {
            Update = new StateUpdate().Set(Chosen, plan),
            Goto = [.. plan.Stops.Select(stop => (Destination)Send.Of("visit", stop))],
        };
    }

    private static async Task<NodeResult> TellAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var plan = await context.Store.FindValueAsync(
            ["plans"], "last", typeInfo: TripJsonContext.Default.Plan, cancellationToken: cancellationToken);
        return new StateUpdate().Add(Trail, $"{plan!.City} in {context.Get(Days)} days");
    }
}

internal sealed record Plan(string City, string[] Stops);

[JsonSerializable(typeof(Plan))]
internal sealed partial class TripJsonContext : JsonSerializerContext;
