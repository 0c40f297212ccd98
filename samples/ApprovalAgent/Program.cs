using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Samples;

var balance = AIFunctionFactory.Create(() => 1_200, "balance", "Returns the balance of the account in euros.");
var pay = AIFunctionFactory.Create((string to, int euros) => $"Paid {euros} euros to {to}.", "pay", "Pays a person.");

var builder = WebApplication.CreateBuilder(args);

// A model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

builder.Services.AddWeft()
    .AddAgent("bank", [balance, pay], "You are a clerk of a bank. Be brief.", new() { RequireApproval = ["pay"] })
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
