using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weft.Graphs;
using Weft.Storage.Sqlite;

namespace Weft.Server.Tests.Hosting;

/// <summary>Servers with temporary storage share nothing and leave nothing.</summary>
public sealed class TemporaryStorageTests
{
    private static readonly MessagesChannel Messages = Channel.Messages();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_server_has_a_file_of_its_own_that_is_removed_with_it()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        var (ofFirst, ofSecond) = (PathOf(first), PathOf(second));

        var thread = await RunAsync(first);

        ofFirst.ShouldNotBe(ofSecond);
        File.Exists(ofFirst).ShouldBeTrue();
        (await CountAsync(first)).ShouldBe(1);
        (await CountAsync(second)).ShouldBe(0);
        await first.DisposeAsync();
        Directory.Exists(Path.GetDirectoryName(ofFirst)).ShouldBeFalse();
        File.Exists(ofSecond).ShouldBeTrue();
        await second.DisposeAsync();
        Directory.Exists(Path.GetDirectoryName(ofSecond)).ShouldBeFalse();
        thread.ShouldBe("echo");
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddLogging();
        var graph = new StateGraph()
            .AddChannel(Messages)
            .AddNode("echo", _ => new StateUpdate().Add(Messages, Message.Ai("echo")))
            .AddEdge(StateGraph.Start, "echo")
            .Compile();
        builder.Services.AddWeft().AddGraph("echo", graph).UseTemporarySqlite();
        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync(Token);
        return app;
    }

    private static string PathOf(WebApplication app) => app.Services.GetRequiredService<IOptions<SqliteStorageOptions>>().Value.Path;

    private static async Task<string?> RunAsync(WebApplication app)
    {
        using var client = ClientOf(app);
        var thread = await PostAsync(client, "/threads", new { });
        var values = await PostAsync(
            client,
            $"/threads/{thread.GetProperty("thread_id").GetString()}/runs/wait",
            new { assistant_id = "echo", input = new { messages = new[] { new { role = "user", content = "hello" } } } });
        return values.GetProperty("messages")[1].GetProperty("content").GetString();
    }

    private static async Task<int> CountAsync(WebApplication app)
    {
        using var client = ClientOf(app);
        return (await PostAsync(client, "/threads/search", new { })).GetArrayLength();
    }

    private static HttpClient ClientOf(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.Single()) };

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body, Token);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
