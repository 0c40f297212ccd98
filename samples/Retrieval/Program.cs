using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Agents;
using Weft.Graphs;
using Weft.Samples;

var search = AgentTool.Create(
    async (string question, NodeContext context, CancellationToken cancellationToken) =>
    {
        var query = new ItemQuery { Query = question, Limit = 1 };
        var found = await context.Store.SearchAsync(["manual"], query, cancellationToken);
        return string.Join('\n', found.Select(item => item.Value.GetProperty("text").GetString()));
    },
    "search_manual",
    "Finds the page of the manual that answers a question.");

var builder = WebApplication.CreateBuilder(args);

// A model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

builder.Services.AddWeft()
    .AddAgent("helper", [search], "Answer from the manual, which you search with search_manual. Be brief.")
    .UseSqlite(".weft/weft.db")
    .UseLocalItemIndex();

var app = builder.Build();
app.MapWeft();
app.Run();
