using System.Diagnostics;
using System.Globalization;
using Weft.Graphs;

// Supersteps a second of a trivial graph, and the time of a superstep of many sends, in memory. engine.mjs does the same
// with LangGraph for JavaScript; run.sh runs the two one after the other.
const int Supersteps = 1000;
var count = Channel.Reducer("count", 0, (sum, more) => sum + more);

var loop = new StateGraph().AddChannel(count)
    .AddNode("tick", _ => new StateUpdate().Set(count, 1))
    .AddEdge(StateGraph.Start, "tick")
    .AddConditionalEdges("tick", context => context.Get(count) < Supersteps ? "tick" : StateGraph.End, ["tick", StateGraph.End])
    .Compile();

async Task<double> LoopAsync()
{
    var watch = Stopwatch.StartNew();
    await loop.RunAsync(
        StateUpdate.None, new GraphRunOptions { Checkpointer = new InMemoryCheckpointer(), RecursionLimit = Supersteps + 10 });
    return Supersteps / watch.Elapsed.TotalSeconds;
}

async Task<double> FanOutAsync(int sends)
{
    var fan = new StateGraph().AddChannel(count)
        .AddNode("plan", _ => StateUpdate.None)
        .AddNode("work", _ => new StateUpdate().Set(count, 1))
        .AddEdge(StateGraph.Start, "plan")
        .AddConditionalEdges("plan", _ => [.. Enumerable.Range(0, sends).Select(i => (Destination)Send.Of("work", i))], ["work"])
        .Compile();
    var watch = Stopwatch.StartNew();
    var result = await fan.RunAsync(StateUpdate.None, new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() });
    return result.Values.Get(count) == sends ? watch.Elapsed.TotalMilliseconds : throw new InvalidOperationException("Sends were lost.");
}

static void Print(string what, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"weft {what} {value:0.0}"));

for (var i = 0; i < 50; i++)
{
    await LoopAsync();
    await FanOutAsync(100);
}

var rates = new List<double>();
for (var i = 0; i < 20; i++)
{
    rates.Add(await LoopAsync());
}

Print("supersteps_per_second", rates.Order().ElementAt(10));
foreach (var sends in (int[])[100, 1000, 10_000])
{
    var times = new List<double>();
    for (var i = 0; i < 5; i++)
    {
        times.Add(await FanOutAsync(sends));
    }

    Print($"ms_for_{sends}_sends", times.Order().ElementAt(2));
}
