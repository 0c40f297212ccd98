using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Agents;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.AgentFramework.Tests.Docs;

public sealed class AgentFrameworkSnippets : GuideSnippets
{
    [Fact]
    public async Task Serving()
    {
        using var model = new ScriptedChatClient(Says("m1", "Silk."));
        using var folder = new TempFolder();
        var database = Path.Combine(folder.Path, "weft.db");
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        // snippet: maf-serve
        var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item.");
        builder.Services.AddWeft()
            .AddAIAgent("shop", new ChatClientAgent(model, instructions: "Be brief.", name: "shop", tools: [price]))
            .UseSqlite(database);
        // end

        await using var app = builder.Build();
        app.MapWeft();
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the server to start");
        using (var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) })
        {
            var answer = await new Api(client, "").PostAsync("/runs/wait", """{"assistant_id":"shop","input":{"messages":"Which costs more?"}}""");
            answer.ShouldBeOk().Json.Said()[^1].ShouldBe("ai: Silk.");
        }

        await app.StopAsync(CancellationToken.None).Within("the server to stop");
    }

    [Fact]
    public async Task Agent()
    {
        using var model = new ScriptedChatClient(Says("m1", "Hello Ann."), Says("m2", "You are Ann."));

        // snippet: maf-agent
        var messages = Channel.Messages();
        var agent = new ChatClientAgent(model, instructions: "Be brief.", name: "weaver");
        var graph = AIAgentGraph.Create(agent, new AIAgentGraphOptions { Messages = messages });

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await graph.RunAsync(new StateUpdate().Add(messages, "I am Ann."), thread);
        var result = await graph.RunAsync(new StateUpdate().Add(messages, "Who am I?"), thread);
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
        // end

        Prints("maf-agent");
    }

    [Fact]
    public async Task Approval()
    {
        using var model = new ScriptedChatClient(Calls(("c1", "pay", new() { ["to"] = "Ann", ["euros"] = 20 })), Says("m2", "Done."));

        // snippet: maf-approval
        var messages = Channel.Messages();
        var pay = new ApprovalRequiredAIFunction(AIFunctionFactory.Create((string to, int euros) => $"Paid {euros} euros to {to}.", "pay", "Pays a person."));
        var graph = AIAgentGraph.Create(new ChatClientAgent(model, tools: [pay]), new AIAgentGraphOptions { Messages = messages });

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await graph.RunAsync(new StateUpdate().Add(messages, "Pay Ann."), thread);
        Console.WriteLine(paused.Interrupts[0].Value.GetProperty("action_requests"));

        var result = await graph.RunAsync(Command.ResumeWith("approve"), thread);
        Console.WriteLine(result.Values.Get(messages)[^2].Text);
        // end

        Prints("maf-approval");
    }

    [Fact]
    public async Task Workflow()
    {
        // snippet: maf-workflow
        var outputs = Channel.List<JsonElement>("outputs");
        var graph = AIWorkflowGraph.Create<Order>(
            () =>
            {
                var quote = ((Func<Order, Quote>)(order => new Quote(order.Item, order.Amount * 10))).BindAsExecutor("quote");
                var accept = RequestPort.Create<Quote, bool>("accept");
                var send = ((Func<bool, string>)(accepted => accepted ? "Sent." : "Not sent.")).BindAsExecutor("send");
                return new WorkflowBuilder(quote).AddEdge(quote, accept).AddEdge(accept, send).WithOutputFrom(send).Build();
            },
            new AIWorkflowGraphOptions { Outputs = outputs });

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var input = GraphInput.FromJson(JsonElement.Parse("""{"input":{"item":"wool","amount":3}}"""));
        var paused = await graph.RunAsync(input, thread);
        Console.WriteLine(paused.Interrupts[0].Value);

        var result = await graph.RunAsync(Command.ResumeWith(true), thread);
        Console.WriteLine(result.Values.Get(outputs)![0]);
        // end

        Prints("maf-workflow");
    }

    [Fact]
    public async Task Graph()
    {
        using var model = new ScriptedChatClient(Says("m1", "A loom ", "weaves cloth."));

        // snippet: maf-graph
        var agent = ChatGraph.Create(model).AsAIAgent(new GraphAgentOptions { Name = "weaver" });
        var session = await agent.CreateSessionAsync();
        await foreach (var update in agent.RunStreamingAsync("What is a loom?", session))
        {
            Console.WriteLine(update.Text);
        }
        // end

        Prints("maf-graph");
    }

    private sealed record Order(string Item, int Amount);

    private sealed record Quote(string Item, int Price);
}
