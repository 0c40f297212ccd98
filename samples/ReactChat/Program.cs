using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Samples;

var pay = AIFunctionFactory.Create((string to, int euros) => $"Paid {euros} euros to {to}.", "pay", "Pays a person.");

var builder = WebApplication.CreateBuilder(args);

// A model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

builder.Services.AddWeft()
    .AddAgent("bank", [pay], "You are a clerk of a bank. Be brief.", new() { RequireApproval = ["pay"] })
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.UseFileServer();
app.MapWeft();
app.Run();
