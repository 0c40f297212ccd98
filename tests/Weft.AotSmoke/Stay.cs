using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.AotSmoke;

/// <summary>A graph with a node that is a class, a service, a decorator and a context; its channels need no metadata of their own.</summary>
[GraphState]
internal sealed partial record Stay(Plan Plan)
{
    [Append]
    public IReadOnlyList<string> Notes { get; init; } = [];

    public static CompiledGraph Graph() => CreateGraph()
        .Use((context, next, stop) => context.Node == "closed"
            ? new(new Update { Notes = ["closed today"] })
            : next(context, stop))
        .AddNode<Priced>("priced")
        .AddNode("rated", (Stay state, Rates rates, NodeContext context) =>
            new() { Notes = [$"{context.GetContext<Guest>().Name} pays {rates.Of(state.Plan.City)}"] })
        .AddNode("closed", _ => throw new InvalidOperationException("The decorator returns without the node."))
        .AddEdge(StateGraph.Start, "priced")
        .AddEdge("priced", "rated")
        .AddEdge("rated", "closed")
        .Compile();

    /// <summary>The same types in channels.</summary>
    public static CompiledGraph Untyped()
    {
        var plan = Channel.LastValue<Plan>("plan");
        var plans = Channel.List<Plan>("plans");
        return new StateGraph()
            .AddChannels(plan, plans)
            .AddNode("keep", context => new StateUpdate().Add(plans, context.Get(plan)!))
            .AddEdge(StateGraph.Start, "keep")
            .Compile();
    }
}

internal sealed class Rates
{
    private readonly int _rate = 10;

    public int Of(string city) => city.Length * _rate;
}

internal sealed class Priced(Rates rates) : Stay.INode
{
    public Task<Stay.Update> RunAsync(Stay state, NodeContext context, CancellationToken cancellationToken) =>
        Task.FromResult<Stay.Update>(new() { Notes = [$"{state.Plan.City} costs {rates.Of(state.Plan.City)}"] });
}

internal sealed record Guest(string Name);

[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Guest))]
internal sealed partial class StayJsonContext : JsonSerializerContext;
