using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);
var model = SampleModel.Create(builder.Configuration, StandIn.Answer);

var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item in euros.");
var order = new ApprovalRequiredAIFunction(
    AIFunctionFactory.Create((string item) => $"Ordered {item}.", "order", "Orders an item."));
var shop = new ChatClientAgent(model, "You sell yarn. Be brief.", "shop", tools: [price, order]);

// The ids of the agents in a workflow must be the same after a restart.
AIAgent Agent(string name, string instructions) => new ChatClientAgent(
    model, new ChatClientAgentOptions { Id = name, Name = name, ChatOptions = new() { Instructions = instructions } });

builder.Services.AddWeft()
    .AddAIAgent("shop", shop)
    .AddAIWorkflow("studio", _ => AgentWorkflowBuilder.BuildSequential(
    [
        Agent("writer", "You write one line of advertising."),
        Agent("critic", "You judge advertising in one line."),
    ]))
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
