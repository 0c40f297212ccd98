using Weft.Host.Authentication;
using Weft.Host.Demo;
using Weft.Host.Diagnostics;
using Weft.Host.Models;
using Weft.Runs;

namespace Weft.Host;

/// <summary>The server, as its settings make it.</summary>
/// <param name="App">The application.</param>
/// <param name="Database">The name of the database for people.</param>
/// <param name="Model">The name of the language model for people.</param>
/// <param name="Auth">How callers are authenticated.</param>
/// <param name="IsClustered">Whether the server belongs to a cluster.</param>
internal sealed record HostApp(WebApplication App, string Database, string Model, AuthSettings Auth, bool IsClustered)
{
    /// <summary>Builds the server. It listens and opens its database only when it starts.</summary>
    /// <param name="builder">The builder with the settings.</param>
    /// <param name="hasStarted">Whether the server has started; what fails before is reported by the caller.</param>
    /// <param name="database">A file to use instead of the database of the settings; null means that of the settings.</param>
    /// <exception cref="SettingsException">Settings contradict each other.</exception>
    public static HostApp Build(WebApplicationBuilder builder, Func<bool> hasStarted, string? database = null)
    {
        var configuration = builder.Configuration;
        BatchedConsole.Use(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        StartProblem.KeepFromLog(builder.Logging, hasStarted);
        var auth = AuthSettings.Read(configuration);
        Addresses.Use(builder);
        LoopbackRule.Check(configuration, auth);
        var (model, modelName) = ModelFactory.Add(builder.Services, configuration);
        var weft = builder.Services.AddWeft(configuration.GetSection(Settings.Section))
            .AddGraph(
                "agent",
                services => DemoGraphs.Agent(model(services)),
                graph => graph.Description = "An agent with tools; it asks before it sends an e-mail.")
            .AddGraph("chat", services => DemoGraphs.Chat(model(services)), graph => graph.Description = "A plain conversation.");
        var isClustered = ClusterSetup.IsEnabled(configuration) && database is null;
        var databaseName = database ?? HostDatabase.Use(weft, configuration);
        if (database is not null)
        {
            weft.UseSqlite(database, options => options.Path = database);
        }

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
        return new HostApp(app, databaseName, modelName, auth, isClustered);
    }
}
