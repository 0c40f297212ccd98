using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Host.Authentication;
using Weft.Host.Commands;
using Weft.Host.Demo;
using Weft.Host.Migration;
using Weft.Host.Models;
using Weft.Runs;
using Weft.Server;
using Weft.Storage.Sqlite;

namespace Weft.Host.Tests.Docs;

/// <summary>What docs/operations.md shows works.</summary>
public sealed partial class OperationsTests : HostTests
{
    [Fact]
    public void The_flags_of_all_commands_are_known()
    {
        string[] files = ["docs/operations.md", "docs/scale.md", "README.md", "eng/weft.service", "eng/Dockerfile"];
        var commands = files.SelectMany(file => File.ReadLines(Path.Combine(OperationsGuide.Root, file)))
            .Where(line => !line.Contains("publish", StringComparison.Ordinal))
            .SelectMany(line => Command().Matches(line)).Select(match => match.Groups[1].Value).ToList();

        commands.Count.ShouldBeGreaterThan(5);
        foreach (var command in commands)
        {
            // In the Dockerfile they are a list of JSON strings; dotnet run has -- before them.
            var arguments = command.Replace("\"", "", StringComparison.Ordinal)
                .Replace(",", "", StringComparison.Ordinal)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Should.NotThrow(() => Parse([.. arguments.SkipWhile(argument => argument == "--")]), command);
        }
    }

    [Fact]
    public async Task The_settings_file_sets_options()
    {
        var json = OperationsGuide.Blocks("json")[0];
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        Settings.Check(configuration);
        await using var app = Build(Path.Combine(Folder, "weft.db"), configuration);

        app.Services.GetRequiredService<IOptions<RunsOptions>>().Value.DrainTimeout.ShouldBe(TimeSpan.FromMinutes(1));
        app.Services.GetRequiredService<IOptions<WeftServerOptions>>().Value.RequestBodyBytesMax.ShouldBe(20_000_000);
        app.Services.GetRequiredService<IOptions<SqliteStorageOptions>>().Value.Synchronous.ShouldBe(SqliteSynchronous.Full);
    }

    [Fact]
    public async Task A_relative_path_is_below_the_content_root()
    {
        await using var app = Build("kept/weft.db", new ConfigurationBuilder().Build());
        await app.StartAsync(Stop);
        await app.StopAsync(Stop);

        File.Exists(Path.Combine(Folder, "kept", "weft.db")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_backup_of_a_running_server_has_everything_and_serves()
    {
        var (database, backup) = (Path.Combine(Folder, "weft.db"), Path.Combine(Folder, "backup.db"));
        string thread;
        await using (var app = Build(database, new ConfigurationBuilder().Build()))
        {
            await app.StartAsync(Stop);
            thread = await SayAsync(app);
            var sql = OperationsGuide.Blocks("sql");
            Run(database, sql[0].Replace("/backup/weft.db", backup, StringComparison.Ordinal)).ShouldBeNull();
            Run(backup, sql[1]).ShouldBe("ok");
            await app.StopAsync(Stop);
        }

        await using var restored = Build(backup, new ConfigurationBuilder().Build());
        await restored.StartAsync(Stop);
        using var client = ClientOf(restored);
        var state = await client.GetStringAsync($"/threads/{thread}/state", Stop);
        await restored.StopAsync(Stop);

        state.ShouldContain("391");
    }

    private static void Parse(string[] arguments)
    {
        switch (arguments)
        {
            case [KeysCommand.Name, .. var rest]:
                KeysCommandLine.Parse(rest, TimeProvider.System);
                break;
            case [MigrateCommand.Name, .. var rest]:
                MigrateCommand.Parse(rest);
                break;
            case [BackupCommand.Name, .. var rest]:
                BackupCommand.Parse(rest);
                break;
            case [DevCommand.Name, .. var rest]:
                DevCommand.Parse(rest);
                break;
            case [CheckCommand.Name or OpenApiCommand.Name, .. var rest]:
                CommandLine.Parse(rest);
                break;
            default:
                CommandLine.Parse(arguments);
                break;
        }
    }

    private static async Task<string> SayAsync(WebApplication app)
    {
        using var client = ClientOf(app);
        using var created = await client.PostAsync("/threads", new StringContent("{}", null, "application/json"), Stop);
        var thread = JsonElement.Parse(await created.Content.ReadAsStringAsync(Stop)).GetProperty("thread_id").GetString()!;
        using var body = new StringContent("""{"assistant_id":"agent","input":{"messages":"what is 17*23"}}""", null, "application/json");
        using var answer = await client.PostAsync($"/threads/{thread}/runs/wait", body, Stop);
        answer.EnsureSuccessStatusCode();
        return thread;
    }

    private static HttpClient ClientOf(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.Single()) };

    private static string? Run(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return (string?)command.ExecuteScalar();
    }

    private WebApplication Build(string database, IConfiguration configuration)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Folder });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddWeft(configuration.GetSection("Weft"))
            .AddGraph("agent", DemoGraphs.Agent(new OfflineChatClient()))
            .UseSqlite(database);
        var app = builder.Build();
        app.MapWeft();
        return app;
    }

    /// <summary>The arguments of a command that starts the server.</summary>
    [GeneratedRegex(@"(?:Weft\.Host\.dll|--project src/Weft\.Host|^weft )([^`\]\\]*)")]
    private static partial Regex Command();
}
