using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.ConformanceHost.Graphs;

namespace Weft.AotSmoke;

/// <summary>A small server, as an application compiled ahead of time would have it.</summary>
internal static class SmokeServer
{
    public static WebApplication Create(params string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddWeft(builder.Configuration.GetSection("Weft"))
            .AddGraph("trip", Trip.Graph())
            .AddGraph("essay", Trip.Essay())
            .AddGraph("tour", Tour.Graph())
            .AddGraph("bench", BenchGraph.Create())
            .AddAgent("planner", new Planner(), [Planner.Look], "Plan trips.", answerType: TripJsonContext.Default.Plan)
            .UseSqlite("weft.db");
        var app = builder.Build();
        app.MapWeft();
        return app;
    }
}
