using Microsoft.Extensions.AI;
using Weft.Samples;

var pay = AIFunctionFactory.Create((string to, int euros) => $"Paid {euros} euros to {to}.", "pay", "Pays a person.");

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddChatClient(SampleModel.Create(builder.Configuration, StandIn.Answer));
builder.Services.AddWeft()
    .AddAgent("bank", [pay], "You are a clerk of a bank. Be brief.", new() { RequireApproval = ["pay"] })
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.UseFileServer();
app.MapWeft();
app.Run();
