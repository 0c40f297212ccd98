using Weft.Agents;

namespace Weft.Samples;

/// <summary>The server adds threads, runs, streams and storage, for every client of LangGraph.</summary>
internal static class Part7Serving
{
    public static async Task RunAsync(WebApplicationBuilder builder)
    {
        builder.Services.AddWeft()
            .AddAgent(
                "chatbot",
                [Part2Tools.Search, Part5CustomState.SaveBirthday],
                options: new AgentGraphOptions { Channels = [Part5CustomState.Person, Part5CustomState.Birthday] })
            .UseSqlite(".weft/weft.db");

        var app = builder.Build();
        app.MapWeft();
        await app.RunAsync();
    }
}
