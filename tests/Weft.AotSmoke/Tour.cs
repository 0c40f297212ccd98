using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.AotSmoke;

/// <summary>A graph whose state is a record.</summary>
[GraphState(Json = typeof(TourJsonContext))]
internal sealed partial record Tour(Plan Plan)
{
    [Append]
    public IReadOnlyList<Plan> Visited { get; init; } = [];

    [Reducer(nameof(Sum))]
    public int Days { get; init; }

    public string? Told { get; init; }

    public static CompiledGraph Graph() => CreateGraph()
        .AddNodeFor(
            "visit", stop => new() { Visited = [new Plan(stop, [])], Days = 1 }, typeInfo: TourJsonContext.Default.String)
        .AddNode("ask", (state, context) =>
        {
            var next = context.Interrupt(state.Plan, TourJsonContext.Default.Plan, TourJsonContext.Default.Plan);
            return new() { Plan = next, Told = $"{state.Days} days" };
        })
        .AddConditionalEdges(StateGraph.Start, state => state.Plan.Stops.Select(stop => Send.Of("visit", stop)), ["visit"])
        .AddEdge("visit", "ask")
        .Compile();

    private static int Sum(int days, int more) => days + more;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(string))]
internal sealed partial class TourJsonContext : JsonSerializerContext;
