using Weft.Graphs;

// A server to be killed: its graph's second node never ends unless the switch --open is given.
// --data <folder>: the database, and the file "executed" with the name of each node that was entered.
var isOpen = args.Contains("--open");
var builder = WebApplication.CreateBuilder([.. args.Where(argument => argument != "--open")]);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
var folder = Directory.CreateDirectory(builder.Configuration["data"] ?? throw new InvalidOperationException("Give --data <folder>.")).FullName;

var steps = Channel.List<string>("steps");

void Log(NodeContext context) => File.AppendAllText(Path.Combine(folder, "executed"), context.Node + "\n");

NodeResult First(NodeContext context)
{
    Log(context);
    return new StateUpdate().Add(steps, "first");
}

async Task<NodeResult> SecondAsync(NodeContext context, CancellationToken cancellationToken)
{
    Log(context);
    context.Write("second was entered");
    if (!isOpen)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    return new StateUpdate().Add(steps, "second");
}

builder.Services.AddWeft()
    .AddGraph("steps", new StateGraph()
        .AddChannel(steps)
        .AddNode("first", First)
        .AddNode("second", SecondAsync)
        .AddEdge(StateGraph.Start, "first")
        .AddEdge("first", "second")
        .AddEdge("second", StateGraph.End)
        .Compile())
    .UseSqlite(Path.Combine(folder, "weft.db"));

var app = builder.Build();
app.MapWeft();
await app.RunAsync();
