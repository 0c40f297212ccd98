using System.Text.Json;
using Weft.ConformanceHost;
using Weft.ConformanceHost.Graphs;

// --urls and --data as the main host; --no-end-event turns the terminal event of streams at the root off.
const string NoEndEvent = "--no-end-event";
// Settings are read once: to watch the folder for changes would wake a thread at each write to a database in it.
var builder = WebApplication.CreateBuilder([.. args.Where(argument => argument != NoEndEvent), "--hostBuilder:reloadConfigOnChange=false"]);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
var folder = Directory.CreateDirectory(builder.Configuration["data"] ?? ".weft");

builder.Services.AddSingleton<Truncation>();
builder.Services.AddWeft(options => options.SendEndEvent = !args.Contains(NoEndEvent))
    .AddGraph("agent", AgentFixture.Create(), graph => graph.Config = JsonElement.Parse("""{"configurable":{"model_name":"openai"}}"""))
    .AddGraph("agent_simple", AgentSimpleFixture.Create())
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
    .AddGraph("bench", BenchGraph.Create())
    .UseSqlite(Path.Combine(folder.FullName, "weft.db"));

var app = builder.Build();
app.UseCustomMiddleware();
app.MapCustomRoutes();
app.MapPost("/internal/truncate", (Truncation truncation, JsonElement parts, CancellationToken cancellationToken) => truncation.RunAsync(parts, cancellationToken));
app.MapWeft();
await app.RunAsync();
