using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Weft.Agents;
using Weft.Agents.Tests;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;

namespace Weft.Models.Tests.Docs;

public sealed class ModelsSnippets : GuideSnippets
{
    private readonly AIFunction _price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item.");

    [Fact]
    public async Task Serving()
    {
        var folder = Directory.CreateTempSubdirectory("weft-guide-");
        var database = Path.Combine(folder.FullName, "weft.db");
        var price = _price;
        await using var provider = await ProviderServer.StartAsync(
            "anthropic",
            ProviderServer.Answers("anthropic", Reply.Says("90 euros.")),
            ProviderServer.Answers("anthropic", Reply.Says("I help.")));
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"]);
        builder.Configuration.AddConfiguration(Configuration());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Weft:Models:Chat:large:Endpoint"] = provider.Endpoint,
            ["Weft:Models:Chat:large:ApiKey"] = ProviderServer.Key,
            ["AZURE_OPENAI_API_KEY"] = ProviderServer.Key,
        });

        // snippet: models-serve
        builder.Services.AddWeftModels(builder.Configuration);
        builder.Services.AddWeft()
            .AddAgent("shop", [price], "You sell yarn. Be brief.")
            .UseSqlite(database);
        // end

        var weft = builder.Services.AddWeft();

        // snippet: models-keyed
        weft.AddAgent("helper", services => services.GetRequiredKeyedService<IChatClient>("large"), [price]);
        // end

        // snippet: models-graph
        weft.AddGraph("answer", services =>
        {
            var model = services.GetRequiredService<IChatClient>();
            var messages = Channel.Messages();
            return new StateGraph()
                .OfferModels(model)
                .AddChannel(messages)
                .AddNode("answer", async (context, cancellationToken) =>
                    new StateUpdate().Add(messages, await model.GetMessageAsync(context.Get(messages), cancellationToken: cancellationToken)))
                .AddEdge(StateGraph.Start, "answer")
                .AddEdge("answer", StateGraph.End)
                .Compile();
        });
        // end

        await using var app = builder.Build();
        app.MapWeft();
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        // snippet: models-choose
        var run = await http.PostAsJsonAsync("/runs/wait", new
        {
            assistant_id = "shop",
            input = new { messages = "What costs silk?" },
            config = new { configurable = new { model = "large" } },
        });
        // end

        (await run.Content.ReadAsStringAsync()).ShouldContain("90 euros.");
        using var helped = await http.PostAsJsonAsync("/runs/wait", new { assistant_id = "helper", input = new { messages = "Help!" } });
        (await helped.Content.ReadAsStringAsync()).ShouldContain("I help.");
        foreach (var assistant in (string[])["shop", "answer"])
        {
            using var refused = await http.PostAsJsonAsync(
                "/runs/wait", new { assistant_id = assistant, config = new { configurable = new { model = "huge" } } });
            ((int)refused.StatusCode).ShouldBe(422);
            Console.Clear();
            Console.WriteLine((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
            Prints("models-refused");
        }

        await app.StopAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Code()
    {
        using IChatClient smallClient = new ScriptedChatClient(Script.Says(null, "I am small."));
        using IChatClient largeClient = new ScriptedChatClient();
        var builder = WebApplication.CreateBuilder();

        // snippet: models-code
        builder.Services.AddSingleton<IChatClient>(new ModelSelector([new("small", smallClient), new("large", largeClient)], "small"));
        // end

        await using var services = builder.Services.BuildServiceProvider();
        (await services.GetRequiredService<IChatClient>().GetResponseAsync("Who?")).Text.ShouldBe("I am small.");
    }

    [Fact]
    public void Wrong()
    {
        Console.WriteLine(Should.Throw<ModelConfigurationException>(() => ModelsOptions.Read(Configuration())).Message);
        Prints("models-wrong");
    }

    private static IConfiguration Configuration() =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Guide.SettingsOf("models")))).Build();
}
