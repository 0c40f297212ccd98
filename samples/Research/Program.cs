using Microsoft.Extensions.AI;
using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddChatClient(SampleModel.Create(builder.Configuration, StandIn.Answer));
builder.Services.AddWeft()
    .AddGraph("research", services => ResearchGraph.Create(services.GetRequiredService<IChatClient>()))
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
