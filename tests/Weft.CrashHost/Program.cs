using System.Globalization;
using System.Net;
using Orleans.Configuration;
using Weft.CrashHost;
using Weft.Graphs;
using Weft.Runs;

// A server to be killed: the second node of its graphs never ends unless the switch --open is given; that of "deaf" does
// not even end when its run is cancelled. That of "telling" tells of "one", and of "two" once there is a file "go".
// --sixty-from <milliseconds since 1970>: since then a minute lasts a second.
// --clock-ahead <seconds>: the clock of its machine is wrong by as much.
// --Weft:…: settings, as for the server itself.
// --data <folder>: the database, and the file "executed" with the name of each node that was entered.
// --postgres <connection>: keeps the data there instead of the folder; with the switch --cluster, together with other servers.
// --without-ledger: does not have the graph "ledger", as a server of another version.
// --silo-listens <port>: listens there for other servers, which reach it through a proxy at --Weft:Cluster:SiloPort.
string[] switches = ["--open", "--cluster", "--without-ledger"];
var isOpen = args.Contains("--open");
var builder = WebApplication.CreateBuilder([.. args.Where(argument => !switches.Contains(argument))]);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
var folder = Directory.CreateDirectory(
    builder.Configuration["data"] ?? throw new InvalidOperationException("Give --data <folder>.")).FullName;

if (builder.Configuration["sixty-from"] is { } start)
{
    builder.Services.AddSingleton<TimeProvider>(
        new FastTime(DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(start, CultureInfo.InvariantCulture)), 60));
}

if (builder.Configuration.GetValue<int?>("clock-ahead") is { } ahead)
{
    builder.Services.AddSingleton<TimeProvider>(new WrongTime(TimeSpan.FromSeconds(ahead)));
}

var steps = Channel.List<string>("steps");

void Log(NodeContext context) => File.AppendAllText(Path.Combine(folder, "executed"), context.Node + "\n");

NodeResult First(NodeContext context)
{
    Log(context);
    return new StateUpdate().Add(steps, "first");
}

Task<NodeResult> DeafSecondAsync(NodeContext context, CancellationToken cancellationToken) => SecondAsync(context, CancellationToken.None);

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

async Task<NodeResult> TellAsync(NodeContext context, CancellationToken cancellationToken)
{
    context.Write("one");
    while (!File.Exists(Path.Combine(folder, "go")))
    {
        await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
    }

    context.Write("two");
    return await SecondAsync(context, cancellationToken);
}

CompiledGraph Graph(Func<NodeContext, CancellationToken, Task<NodeResult>> second) => new StateGraph()
    .AddChannel(steps)
    .AddNode("first", First)
    .AddNode("second", second)
    .AddEdge(StateGraph.Start, "first")
    .AddEdge("first", "second")
    .AddEdge("second", StateGraph.End)
    .Compile();

var weft = builder.Services.AddWeft(builder.Configuration.GetSection("Weft"))
    .AddGraph("steps", Graph(SecondAsync))
    .AddGraph("deaf", Graph(DeafSecondAsync))
    .AddGraph("telling", Graph(TellAsync));
if (!args.Contains("--without-ledger"))
{
    weft.AddGraph("ledger", LedgerGraph.Create(folder));
}

if (builder.Configuration["postgres"] is { } connection)
{
    weft.UsePostgres(connection);
}
else
{
    weft.UseSqlite(Path.Combine(folder, "weft.db"));
}

if (args.Contains("--cluster"))
{
    weft.UseCluster();
}

if (builder.Configuration.GetValue<int?>("silo-listens") is { } port)
{
    builder.Services.Configure<EndpointOptions>(options => options.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, port));
}

builder.Services.AddHealthChecks().AddWeft();
// Otherwise the host would end a longer drain early.
builder.Services.AddOptions<HostOptions>().Configure<RunsOptions>((host, runs) => host.ShutdownTimeout += runs.DrainTimeout);

var app = builder.Build();
app.MapWeft();
app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains("ready") });
await app.RunAsync();
