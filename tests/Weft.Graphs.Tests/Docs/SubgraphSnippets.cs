namespace Weft.Graphs.Tests.Docs;

public sealed class SubgraphSnippets : GuideSnippets
{
    [Fact]
    public async Task As_a_node()
    {
        // snippet: subgraph-node
        var text = Channel.LastValue<string>("text");
        var approved = Channel.LastValue<bool>("approved");

        var review = new StateGraph()
            .AddChannels(text, approved)
            .AddNode("ask", context => new StateUpdate().Set(approved, context.Interrupt($"Print \"{context.Get(text)}\"?").GetBoolean()))
            .AddEdge(StateGraph.Start, "ask")
            .Compile();

        var press = new StateGraph()
            .AddChannels(text, approved)
            .AddNode("write", _ => new StateUpdate().Set(text, "News!"))
            .AddNode("review", review)
            .AddEdge(StateGraph.Start, "write")
            .AddEdge("write", "review")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await press.RunAsync(StateUpdate.None, options);
        Console.WriteLine(paused.Interrupts[0].Value);

        var state = await press.GetStateAsync(options.Checkpointer, subgraphs: true);
        var task = state!.Tasks.Single();
        Console.WriteLine($"{task.Node} waits before {task.Subgraph!.Next.Single()}");

        Console.WriteLine((await press.RunAsync(Command.ResumeWith(true), options)).Values);
        // end

        Prints("subgraph-node");
    }

    [Fact]
    public async Task From_code()
    {
        // snippet: subgraph-code
        var number = Channel.LastValue<int>("number");
        var square = new StateGraph()
            .AddChannel(number)
            .AddNode("multiply", context => new StateUpdate().Set(number, context.Get(number) * context.Get(number)))
            .AddEdge(StateGraph.Start, "multiply")
            .Compile();

        var side = Channel.LastValue<int>("side");
        var area = Channel.LastValue<string>("area");
        var graph = new StateGraph()
            .AddChannels(side, area)
            .AddNode(
                "measure",
                async (context, cancellationToken) =>
                {
                    var inside = await context.RunAsync(square, new StateUpdate().Set(number, context.Get(side)), cancellationToken);
                    return new StateUpdate().Set(area, $"{inside.Get(number)} m²");
                },
                new NodeOptions { Subgraphs = [square] })
            .AddEdge(StateGraph.Start, "measure")
            .Compile();

        Console.WriteLine((await graph.RunAsync(new StateUpdate().Set(side, 4))).Values);
        // end

        Prints("subgraph-code");
    }

    [Fact]
    public async Task With_memory()
    {
        // snippet: subgraph-memory
        var visits = Channel.Reducer("visits", 0, (sum, more) => sum + more);
        var total = Channel.LastValue<int>("total");
        StateGraph Counter() => new StateGraph()
            .AddChannel(visits)
            .AddNode("count", _ => new StateUpdate().Set(visits, 1))
            .AddEdge(StateGraph.Start, "count");

        foreach (var persistence in new[] { SubgraphPersistence.PerCall, SubgraphPersistence.PerThread })
        {
            var counter = Counter().Compile(new CompileOptions { Persistence = persistence });
            var graph = new StateGraph()
                .AddChannel(total)
                .AddNode("visit", async (context, cancellationToken) =>
                    new StateUpdate().Set(total, (await context.RunAsync(counter, StateUpdate.None, cancellationToken)).Get(visits)))
                .AddEdge(StateGraph.Start, "visit")
                .Compile();

            var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
            await graph.RunAsync(StateUpdate.None, options);
            Console.WriteLine($"{persistence}: {(await graph.RunAsync(StateUpdate.None, options)).Values}");
        }
        // end

        Prints("subgraph-memory");
    }
}
