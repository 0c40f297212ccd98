using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;

namespace Weft.Agents.Tests.Docs;

public sealed class ServingSnippets : GuideSnippets
{
    [Fact]
    public async Task Serving()
    {
        string[] args = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"];
        var folder = Directory.CreateTempSubdirectory("weft-guide-");
        var database = Path.Combine(folder.FullName, "weft.db");
        var chat = Channel.Messages();
        var graph = new StateGraph().AddChannel(chat).AddNode("answer", _ => new StateUpdate().Add(chat, Message.Ai("Hello"))).AddEdge(StateGraph.Start, "answer").Compile();

        // snippet: serve
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddWeft()
            .AddGraph("hello", graph)
            .UseSqlite(database);

        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync();
        // end

        using (var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) })
        {
            using var content = new StringContent("""{"assistant_id":"hello","input":{"messages":"Hi"}}""", null, "application/json");
            using var answer = await client.PostAsync("/runs/wait", content);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("Hello");
        }

        await app.StopAsync();
        await app.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Agents()
    {
        string[] args = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"];
        var folder = Directory.CreateTempSubdirectory("weft-guide-");
        var database = Path.Combine(folder.FullName, "weft.db");
        using IChatClient model = new ScriptedChatClient(Script.Says(null, "90 euros."));
        var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item.");

        // snippet: agent-serve
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddWeft()
            .AddAgent("shop", model, [price], "You sell yarn. Be brief.")
            .UseSqlite(database);

        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync();
        // end

        using (var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) })
        {
            using var content = new StringContent("""{"assistant_id":"shop","input":{"messages":"Silk?"}}""", null, "application/json");
            using var answer = await client.PostAsync("/runs/wait", content);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("90 euros.");
        }

        await app.StopAsync();
        await app.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
