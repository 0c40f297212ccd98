using System.Text.Json;
using Weft.ConformanceHost;
using Weft.ConformanceHost.Graphs;
using Weft.Host;
using Weft.Host.Diagnostics;
using Weft.Mcp;

// The arguments of the main host; --no-end-event turns the terminal event of streams at the root off, and --auth requires bearer
// tokens of two users. Others are refused. WEFT_TEST_REMOTE is the address of a server whose graphs are nodes of graphs of this one.
const string NoEndEvent = "--no-end-event";
const string Auth = "--auth";
CommandLine commandLine;
try
{
    commandLine = CommandLine.Parse([.. args.Where(argument => argument is not (NoEndEvent or Auth))]);
}
catch (CommandLineException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

if (commandLine.Text is { } text)
{
    Console.WriteLine(text);
    return 0;
}

// This host has no other authentication, so what concerns it is refused.
string[] unserved = ["--Weft:Auth", "--Weft:Insecure"];
var refused = commandLine.Settings.FirstOrDefault(
    set => unserved.Any(name => set.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
if (refused is not null)
{
    await Console.Error.WriteLineAsync($"This host does not serve {refused}.");
    return 1;
}

// Settings are read once, because watching the folder would wake a thread at each write to a database in it.
var builder = WebApplication.CreateBuilder([.. commandLine.Settings, "--hostBuilder:reloadConfigOnChange=false"]);
Settings.KeepPrefixed(builder.Configuration);
BatchedConsole.Use(builder.Logging);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

await using var tools = await McpToolset.ConnectAsync(builder.Configuration.GetSection("Weft:Mcp"));
builder.Services.AddSingleton<Truncation>();
var hasAuth = args.Contains(Auth);
var isCluster = builder.Configuration.GetValue<bool>("Weft:Cluster:Enabled");
// The servers of a cluster are started in one folder.
var models = isCluster ? Environment.CurrentDirectory : null;
var weft = builder.Services.AddWeft(builder.Configuration.GetSection("Weft"), options =>
    {
        options.SendEndEvent = !args.Contains(NoEndEvent);
        options.Webhooks.Paths.Add("/custom/webhook");
    })
    .AddGraph("agent", AgentFixture.Create(models), graph => graph.Config = JsonElement.Parse("""{"configurable":{"model_name":"openai"}}"""))
    .AddUi("agent", Path.Combine(AppContext.BaseDirectory, "agent-ui.js"))
    .AddGraph("agent_simple", AgentSimpleFixture.Create(models))
    .AddGraph("mcp_tools", McpToolsFixture.Create(tools));
if (builder.Configuration["Weft:Postgres:ConnectionString"] is { } connection)
{
    weft.UsePostgres(connection);
    if (isCluster)
    {
        weft.UseCluster();
    }
}
else
{
    var folder = Directory.CreateDirectory(builder.Configuration["Weft:Data"] ?? ".weft");
    weft.UseSqlite(Path.Combine(folder.FullName, "weft.db"));
}

if (hasAuth)
{
    BearerAuth.Add(weft);
}
else
{
    AddGraphs(weft);
    RemoteFixture.Add(weft, Environment.GetEnvironmentVariable("WEFT_TEST_REMOTE"));
}

var app = builder.Build();
app.UseCustomMiddleware();
if (hasAuth)
{
    // After the application's own middleware, which marks refused requests too.
    app.UseAuthentication();
    app.UseAuthorization();
}

app.MapCustomRoutes();
app.MapPost(
    "/internal/truncate",
    (Truncation truncation, JsonElement parts, CancellationToken cancellationToken) => truncation.RunAsync(parts, cancellationToken));
var api = app.MapWeft();
if (hasAuth)
{
    api.RequireAuthorization();
}

await app.RunAsync();
return 0;

static void AddGraphs(WeftBuilder weft) => weft
    .AddGraph("nested", NestedFixture.Create())
    .AddGraph("weather", WeatherFixture.Create())
    .AddGraph("dynamic", (_, configurable) => DynamicFixture.Create(configurable))
    .AddGraph("error", ErrorFixture.Create())
    .AddGraph("delay", DelayFixture.Create())
    .AddGraph("simple_runtime", SimpleRuntimeFixture.Create(), graph => graph.Context = JsonElement.Parse("""{"model":"unknown"}"""))
    .AddGraph("agent_with_tools", AgentWithToolsFixture.Create())
    .AddGraph("mail", MailFixture.Create())
    .AddGraph("agent_with_stats", AgentWithStatsFixture.Create())
    .AddGraph("state_schema_graph", SchemaFixtures.State())
    .AddGraph("zod_registry_graph", SchemaFixtures.Registry())
    .AddGraph("plain_zod_graph", SchemaFixtures.Plain())
    .AddGraph("asking", AskingFixture.Create())
    .AddGraph("broken", BrokenFixture.Create())
    .AddGraph("deep", DeepFixture.Create())
    .AddGraph("essay", EssayFixture.Create())
    .AddGraph("flood", FloodFixture.Create())
    .AddGraph("echo", EchoFixture.Create())
    .AddGraph("thinking", ThinkingFixture.Create())
    .AddGraph("contents", ContentsFixture.Create())
    .AddGraph("team", TeamFixture.Create())
    .AddGraph("client_tools", ClientToolsFixture.Create())
    .AddGraph("bench", BenchGraph.Create());
