using System.Text.Json;

namespace Weft.Graphs.Tests.Docs;

public sealed class RunningSnippets : GuideSnippets
{
    [Fact]
    public async Task Run()
    {
        // snippet: run
        var city = Channel.LastValue<string>("city");
        var answer = Channel.LastValue<string>("answer");

        var graph = new StateGraph()
            .AddChannels(city, answer)
            .AddNode("greet", async (context, cancellationToken) =>
            {
                await Task.Delay(1, cancellationToken);
                return new StateUpdate().Set(answer, $"{context.GetConfigurable("greeting")} {context.Get(city)}");
            })
            .AddEdge(StateGraph.Start, "greet")
            .Compile();

        var options = new GraphRunOptions { Configurable = JsonElement.Parse("""{"greeting":"Good day"}"""), RecursionLimit = 50 };
        var typed = await graph.RunAsync(new StateUpdate().Set(city, "Ulm"), options);
        var json = await graph.RunAsync(GraphInput.FromJson(JsonElement.Parse("""{"city":"Ulm"}""")), options);
        var any = await graph.RunAsync(GraphInput.Of(new { city = "Ulm" }), options);
        Console.WriteLine(typed.Values.Get(answer));
        Console.WriteLine($"{json.Values} {any.Values}");
        // end

        Prints("run");
    }

    [Fact]
    public async Task Failure()
    {
        // snippet: failure
        var graph = new StateGraph()
            .AddNode("divide", _ => throw new DivideByZeroException("Nothing to divide by."))
            .AddEdge(StateGraph.Start, "divide")
            .Compile();

        try
        {
            await graph.RunAsync(StateUpdate.None);
        }
        catch (NodeFailedException e)
        {
            Console.WriteLine($"{e.Node}: {e.Message} ({e.InnerException!.GetType().Name})");
        }
        // end

        Prints("failure");
    }

    [Fact]
    public async Task Streaming()
    {
        // snippet: stream
        var count = Channel.Reducer("count", 0, (sum, more) => sum + more);
        var graph = new StateGraph()
            .AddChannel(count)
            .AddNode("one", _ => new StateUpdate().Set(count, 1))
            .AddNode("two", context =>
            {
                context.Write(new { percent = 50 });
                return new StateUpdate().Set(count, 2);
            })
            .AddEdge(StateGraph.Start, "one")
            .AddEdge("one", "two")
            .Compile();

        var options = new GraphRunOptions { Modes = StreamMode.Values | StreamMode.Updates | StreamMode.Custom };
        await foreach (var part in graph.StreamAsync(StateUpdate.None, options))
        {
            Console.WriteLine(part switch
            {
                ValuesPart values => $"The state is {values.State}",
                UpdatePart update => $"{update.Node} wrote {update.Writes}",
                CustomPart custom => $"Progress: {custom.Value}",
                _ => part.Mode.ToString(),
            });
        }
        // end

        Prints("stream");
    }
}
