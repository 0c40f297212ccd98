using Weft.McpHost;

// A server of the Model Context Protocol, made with the official SDK: "stdio", or "http <url>", which prints its address, with a session for
// each client if "sessions" follows. "garbage" answers nothing but lines that are not messages.
switch (args)
{
    case ["stdio"]:
        var stdio = Host.CreateApplicationBuilder();
        stdio.Logging.ClearProviders();
        stdio.Services.AddMcpServer().WithStdioServerTransport().WithTools<Tools>();
        await stdio.Build().RunAsync();
        return 0;
    case ["http", var url, ..]:
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddMcpServer()
            .WithHttpTransport(http => http.SessionMode = args.Contains("sessions")
                ? ModelContextProtocol.AspNetCore.HttpServerSessionMode.Stateful
                : ModelContextProtocol.AspNetCore.HttpServerSessionMode.Stateless)
            .WithTools<Tools>();
        var app = builder.Build();
        app.MapMcp("/mcp");
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await app.WaitForShutdownAsync();
        return 0;
    case ["garbage"]:
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine("This is not JSON.");
            Console.WriteLine("""{"jsonrpc":"2.0","id":[],"result":7}""");
        }

        return 0;
    default:
        Console.Error.WriteLine("stdio | http <url> [sessions] | garbage");
        return 1;
}
