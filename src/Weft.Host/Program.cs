using Weft.Host;
using Weft.Host.Authentication;
using Weft.Host.Demo;
using Weft.Host.Diagnostics;
using Weft.Host.Migration;
using Weft.Host.Models;
using Weft.Runs;

var hasStarted = false;
IConfiguration? configuration = null;
try
{
    if (args is [KeysCommand.Name, .. var arguments])
    {
        return await KeysCommand.RunAsync(arguments, settings => configuration = settings);
    }

    if (args is [MigrateCommand.Name, .. var moves])
    {
        return await MigrateCommand.RunAsync(moves);
    }

    var commandLine = CommandLine.Parse(args);
    if (commandLine.Text is { } text)
    {
        Console.WriteLine(text);
        return 0;
    }

    var builder = Settings.CreateBuilder(commandLine.Settings);
    configuration = builder.Configuration;
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
    StartProblem.KeepFromLog(builder.Logging, () => hasStarted);
    var auth = AuthSettings.Read(configuration);
    Addresses.Use(builder);
    LoopbackRule.Check(configuration, auth);
    var (model, modelName) = ModelFactory.Create(configuration);

    if (model is not OfflineChatClient)
    {
        // Suggestions are made by a language model or not at all.
        builder.Services.AddSingleton(model);
    }

    var weft = builder.Services.AddWeft(configuration.GetSection(Settings.Section))
        .AddGraph("agent", DemoGraphs.Agent(model), graph => graph.Description = "An agent with tools; it asks before it sends an e-mail.")
        .AddGraph("chat", DemoGraphs.Chat(model), graph => graph.Description = "A plain conversation.");
    var isClustered = ClusterSetup.IsEnabled(configuration);
    var database = HostDatabase.Use(weft, configuration);
    if (isClustered)
    {
        ClusterSetup.Use(weft);
    }

    EmbeddingFactory.Add(weft, configuration);
    HostAuthentication.Add(builder, weft, auth);
    Telemetry.Add(builder);
    // Otherwise the host would end a longer drain early.
    builder.Services.AddOptions<HostOptions>().Configure<RunsOptions>((host, runs) => host.ShutdownTimeout += runs.DrainTimeout);

    var app = builder.Build();
    HostAuthentication.Require(app.MapWeft(), auth);
    Telemetry.Map(app);
    DocsPage.Map(app);
    app.Lifetime.ApplicationStarted.Register(() =>
    {
        hasStarted = true;
        Greeting.Print(Console.Out, app.Urls, database, isClustered ? ClusterSetup.AddressOf(app.Services) : null, modelName, auth);
    });
    app.Lifetime.ApplicationStopping.Register(() => Greeting.PrintStopping(Console.Out, hasStarted, isClustered));
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (!hasStarted)
{
    await Console.Error.WriteLineAsync(StartProblem.Describe(e, configuration));
    return 1;
}
