namespace Weft.Graphs.Tests.Docs;

public sealed class ResilienceSnippets : GuideSnippets
{
    [Fact]
    public async Task Retry()
    {
        // snippet: retry
        var page = Channel.LastValue<string>("page");
        var tries = 0;
        var patiently = new RetryPolicy { AttemptsMax = 4, InitialInterval = TimeSpan.FromMilliseconds(1), Jitter = false };
        var graph = new StateGraph()
            .AddChannel(page)
            .AddNode(
                "fetch",
                _ => ++tries < 3 ? throw new HttpRequestException("503") : new StateUpdate().Set(page, $"fetched at try {tries}"),
                new NodeOptions { Retry = patiently })
            .AddEdge(StateGraph.Start, "fetch")
            .Compile();

        Console.WriteLine((await graph.RunAsync(StateUpdate.None)).Values);
        // end

        Prints("retry");
    }

    [Fact]
    public async Task Time_out()
    {
        // snippet: timeout
        var graph = new StateGraph()
            .AddNode(
                "wait",
                async (_, cancellationToken) =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                    return StateUpdate.None;
                },
                new NodeOptions { Timeout = TimeSpan.FromMilliseconds(20) })
            .AddEdge(StateGraph.Start, "wait")
            .Compile();

        try
        {
            await graph.RunAsync(StateUpdate.None);
        }
        catch (NodeFailedException e) when (e.InnerException is NodeTimeoutException)
        {
            Console.WriteLine(e.Message);
        }
        // end

        Prints("timeout");
    }

    [Fact]
    public async Task Cache()
    {
        // snippet: cache
        var city = Channel.LastValue<string>("city");
        var weather = Channel.LastValue<string>("weather");
        var byCity = new CachePolicy { Key = context => context.Get(city)!, TimeToLive = TimeSpan.FromHours(1) };
        var graph = new StateGraph()
            .AddChannels(city, weather)
            .AddNode(
                "forecast",
                context =>
                {
                    Console.WriteLine($"asking for {context.Get(city)}");
                    return new StateUpdate().Set(weather, "rain");
                },
                new NodeOptions { Cache = byCity })
            .AddEdge(StateGraph.Start, "forecast")
            .Compile(new CompileOptions { Cache = new InMemoryNodeCache() });

        foreach (var place in new[] { "Ulm", "Bonn", "Ulm" })
        {
            Console.WriteLine((await graph.RunAsync(new StateUpdate().Set(city, place))).Values);
        }
        // end

        Prints("cache");
    }
}
