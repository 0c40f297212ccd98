namespace Weft.Host.Commands;

/// <summary>The command that prints the OpenAPI document of the server, which need not run.</summary>
internal static class OpenApiCommand
{
    public const string Name = "openapi";

    private const string Help = """
        Usage: weft openapi [options]

        Prints the OpenAPI document of the server. A running server has the same at /openapi.json. To keep it in a file:
        weft openapi > openapi.json

        Options:
          -h, --help              Print this text.

        The settings of the server are read, because some turn routes off.
        """;

    // The document names the server that sends it. This one is gone when the document is read.
    private const string Address = "http://localhost:8123";

    /// <summary>Runs the command. Returns the exit code.</summary>
    /// <param name="arguments">The arguments after the name of the command.</param>
    /// <param name="configured">Gets the settings as soon as they are read.</param>
    /// <exception cref="CommandLineException">An argument is wrong.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Action<IConfiguration> configured)
    {
        if (Command.AsksForHelp(arguments))
        {
            Console.WriteLine(Help);
            return 0;
        }

        var builder = Settings.CreateBuilder(CommandLine.Parse(arguments).Settings);
        configured(builder.Configuration);
        ListenNowhereElse(builder);
        var folder = Directory.CreateTempSubdirectory("weft-").FullName;
        try
        {
            Console.WriteLine(await ReadAsync(builder, Path.Combine(folder, "weft.db")));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> ReadAsync(WebApplicationBuilder builder, string database)
    {
        builder.Logging.ClearProviders();
        await using var app = HostApp.Build(builder, static () => false, database).App;
        await app.StartAsync();
        var address = app.Urls.First();
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        var document = await client.GetStringAsync("/openapi.json");
        await app.StopAsync();
        return document.Replace(address, Address, StringComparison.Ordinal);
    }

    /// <summary>Listens at a free port of this machine instead of the addresses of the settings.</summary>
    private static void ListenNowhereElse(WebApplicationBuilder builder)
    {
        const string Free = "http://127.0.0.1:0";
        builder.Configuration[WebHostDefaults.ServerUrlsKey] = Free;
        foreach (var endpoint in builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            builder.Configuration[$"{endpoint.Path}:Url"] = Free;
        }

        // The rest of these settings, such as certificates, does not go with the address.
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Configure(new ConfigurationBuilder().Build()));
    }
}
