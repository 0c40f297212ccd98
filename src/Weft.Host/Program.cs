using Weft.Host;
using Weft.Host.Demo;
using Weft.Host.Models;

// --data <folder>: where the database is. --urls <addresses>: where to listen, as in every ASP.NET Core application.
// Settings are read once: to watch the folder for changes would wake a thread at each write to a database in it.
var builder = WebApplication.CreateBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
var hasStarted = false;
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
StartProblem.KeepFromLog(builder.Logging, () => hasStarted);
DefaultAddress.Use(builder);
try
{
    var database = DataFolder.Open(builder.Configuration["data"]);
    var (model, modelName) = ModelFactory.Create(builder.Configuration);

    builder.Services.AddWeft()
        .AddGraph("agent", DemoGraphs.Agent(model), graph => graph.Description = "An agent with tools; it asks before it sends an e-mail.")
        .AddGraph("chat", DemoGraphs.Chat(model), graph => graph.Description = "A plain conversation.")
        .UseSqlite(database);

    var app = builder.Build();
    app.MapWeft();
    app.Lifetime.ApplicationStarted.Register(() =>
    {
        hasStarted = true;
        Greeting.Print(Console.Out, app.Urls, database, modelName);
    });
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (!hasStarted && StartProblem.Describe(e, builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey)) is { } problem)
{
    await Console.Error.WriteLineAsync(problem);
    return 1;
}
