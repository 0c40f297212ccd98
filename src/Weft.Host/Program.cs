using Weft.Host;
using Weft.Host.Commands;

var hasStarted = false;
IConfiguration? configuration = null;
try
{
    if (args is [var name, .. var arguments] && Command.Find(name) is { } command)
    {
        return await command.RunAsync(arguments, settings => configuration = settings);
    }

    var commandLine = CommandLine.Parse(args);
    if (commandLine.Text is { } text)
    {
        Console.WriteLine(text);
        return 0;
    }

    var builder = Settings.CreateBuilder(commandLine.Settings);
    configuration = builder.Configuration;
    var host = HostApp.Build(builder, () => hasStarted);
    var app = host.App;
    app.Lifetime.ApplicationStarted.Register(() =>
    {
        hasStarted = true;
        Greeting.Print(
            Console.Out, app.Urls, host.Database, host.IsClustered ? ClusterSetup.AddressOf(app.Services) : null, host.Model, host.Auth);
    });
    app.Lifetime.ApplicationStopping.Register(() => Greeting.PrintStopping(Console.Out, hasStarted, host.IsClustered));
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (!hasStarted)
{
    await Console.Error.WriteLineAsync(StartProblem.Describe(e, configuration));
    return 1;
}
