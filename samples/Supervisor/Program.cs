using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Agents;
using Weft.Graphs;
using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);

// A model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

builder.Services.AddWeft()
    .AddGraph("office", services =>
    {
        var model = services.GetRequiredService<IChatClient>();
        return AgentGraph.Supervisor(
            model,
            [
                new AgentMember("accountant", Accountant.Create(model), "For questions about prices."),
                new AgentMember("writer", Writer.Create(model), "For letters and other texts."),
            ],
            options: new AgentGraphOptions { SystemPrompt = "You lead an office. Hand each task to the right member." });
    })
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
