using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);

// A model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item in euros.");
var order = new ApprovalRequiredAIFunction(
    AIFunctionFactory.Create((string item) => $"Ordered {item}.", "order", "Orders an item."));

// The ids of the agents in a workflow must be the same after a restart.
static AIAgent Agent(IServiceProvider services, string name, string instructions) => new ChatClientAgent(
    services.GetRequiredService<IChatClient>(),
    new ChatClientAgentOptions { Id = name, Name = name, ChatOptions = new() { Instructions = instructions } });

builder.Services.AddWeft()
    .AddAIAgent("shop", services => new ChatClientAgent(
        services.GetRequiredService<IChatClient>(), "You sell yarn. Be brief.", "shop", tools: [price, order]))
    .AddAIWorkflow("studio", services => AgentWorkflowBuilder.BuildSequential(
    [
        Agent(services, "writer", "You write one line of advertising."),
        Agent(services, "critic", "You judge advertising in one line."),
    ]))
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
