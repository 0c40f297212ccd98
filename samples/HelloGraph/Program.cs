using Weft.Graphs;

var graph = Greeting.CreateGraph()
    .AddNode("greet", state => new() { Text = $"Hello, {state.Name}." })
    .AddNode("shout", state => new() { Text = state.Text.ToUpperInvariant() })
    .AddEdge(StateGraph.Start, "greet")
    .AddConditionalEdges("greet", state => state.IsLoud ? "shout" : StateGraph.End, ["shout", StateGraph.End])
    .Compile();

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWeft()
    .AddGraph("hello", graph)
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();

/// <summary>The state of the graph. Each member is a channel.</summary>
[GraphState]
internal sealed partial record Greeting(string Name, bool IsLoud = false)
{
    public string Text { get; init; } = "";
}
