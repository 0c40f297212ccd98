using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft_App;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWeftModels(builder.Configuration);
// Only if no model is configured.
builder.Services.TryAddSingleton<IChatClient, StandInModel>();
builder.Services.AddWeft(builder.Configuration.GetSection("Weft"))
    .AddGraph(
        "agent",
        services => Agent.Create(services.GetRequiredService<IChatClient>(), TimeProvider.System),
        graph => graph.Description = "Knows the time, and asks before it sends mail.")
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
