using Weft.Host;
using Weft.Host.Demo;
using Weft.Host.Diagnostics;
using Weft.Host.Models;
using Weft.Runs;

var hasStarted = false;
IConfiguration? configuration = null;
try
{
    var commandLine = CommandLine.Parse(args);
    if (commandLine.Text is { } text)
    {
        Console.WriteLine(text);
        return 0;
    }

    // Settings are read once, because watching the folder would wake a thread at each write to a database in it.
    var builder = WebApplication.CreateBuilder([.. commandLine.Settings, "--hostBuilder:reloadConfigOnChange=false"]);
    configuration = builder.Configuration;
    Settings.KeepPrefixed(builder.Configuration);
    Settings.Check(configuration);
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
    StartProblem.KeepFromLog(builder.Logging, () => hasStarted);
    Addresses.Use(builder);
    var database = DataFolder.FindDatabase(configuration);
    var (model, modelName) = ModelFactory.Create(configuration);

    builder.Services.AddWeft(configuration.GetSection(Settings.Section))
        .AddGraph("agent", DemoGraphs.Agent(model), graph => graph.Description = "An agent with tools; it asks before it sends an e-mail.")
        .AddGraph("chat", DemoGraphs.Chat(model), graph => graph.Description = "A plain conversation.")
        .UseSqlite(database);
    Telemetry.Add(builder);
    // Otherwise the host would end a longer drain early.
    builder.Services.AddOptions<HostOptions>().Configure<RunsOptions>((host, runs) => host.ShutdownTimeout += runs.DrainTimeout);

    var app = builder.Build();
    app.MapWeft();
    Telemetry.Map(app);
    app.Lifetime.ApplicationStarted.Register(() =>
    {
        hasStarted = true;
        Greeting.Print(Console.Out, app.Urls, database, modelName);
    });
    app.Lifetime.ApplicationStopping.Register(() => Greeting.PrintStopping(Console.Out, hasStarted));
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (!hasStarted)
{
    await Console.Error.WriteLineAsync(StartProblem.Describe(e, configuration));
    return 1;
}
