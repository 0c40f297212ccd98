using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.ConformanceHost.Graphs;
using Weft.Graphs;

namespace Weft.AotSmoke;

/// <summary>A small server, as an application compiled ahead of time would have it.</summary>
internal static class SmokeServer
{
    public static WebApplication Create(params string[] settings)
    {
        GraphJson.Configure(json => json.TypeInfoResolverChain.Insert(0, StayJsonContext.Default));
        var builder = WebApplication.CreateSlimBuilder(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddScoped<Rates>();
        builder.Services.AddWeft(builder.Configuration.GetSection("Weft"))
            .AddGraph("trip", Trip.Graph())
            .AddGraph("essay", Trip.Essay())
            .AddGraph("tour", Tour.Graph())
            .AddGraph("stay", Stay.Graph())
            .AddGraph("plans", Stay.Untyped())
            .AddGraph("bench", BenchGraph.Create())
            .AddAgent("planner", new Planner(), [Planner.Look], "Plan trips.", answerType: TripJsonContext.Default.Plan)
            .UseSqlite("weft.db");
        var app = builder.Build();
        app.MapWeft();
        return app;
    }
}
