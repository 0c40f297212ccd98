using Weft_App;

var builder = WebApplication.CreateBuilder(args);
var model = Models.Create(builder.Configuration);
builder.Services.AddWeft(builder.Configuration.GetSection("Weft"))
    .AddGraph("agent", Agent.Create(model, TimeProvider.System), graph => graph.Description = "Knows the time, and asks before it sends mail.")
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
app.MapWeft();
app.Run();
