namespace Weft.Graphs.Tests.Docs;

public sealed class TravelSnippets : GuideSnippets
{
    [Fact]
    public async Task Travel()
    {
        // snippet: history
        var log = Channel.List<string>("log");
        NodeResult Note(NodeContext context) => new StateUpdate().Add(log, context.Node);

        var graph = new StateGraph()
            .AddChannel(log)
            .AddNode("a", Note)
            .AddNode("b", Note)
            .AddNode("c", Note)
            .AddEdge(StateGraph.Start, "a")
            .AddEdge("a", "b")
            .AddEdge("b", "c")
            .Compile();

        var thread = new InMemoryCheckpointer();
        var options = new GraphRunOptions { Checkpointer = thread };
        await graph.RunAsync(StateUpdate.None, options);

        var history = new List<StateSnapshot>();
        await foreach (var state in graph.GetHistoryAsync(thread))
        {
            history.Add(state);
            Console.WriteLine($"step {state.Checkpoint.Step}: {state.Values}, next {string.Join(", ", state.Next)}");
        }
        // end

        Prints("history");
        Console.Clear();

        // snippet: replay
        var beforeB = history.Single(state => state.Next.Contains("b")).Checkpoint.Id;
        var replayed = await graph.RunAsync(GraphInput.Continue, options with { CheckpointId = beforeB });
        Console.WriteLine(replayed.Values);
        // end

        Prints("replay");
        Console.Clear();

        // snippet: fork
        var fork = await graph.UpdateStateAsync(options with { CheckpointId = beforeB }, new StateUpdate().Add(log, "edited"), asNode: "b");
        Console.WriteLine($"{fork.Source}: {fork.Values}");
        Console.WriteLine((await graph.RunAsync(GraphInput.Continue, options)).Values);
        // end

        Prints("fork");
        Console.Clear();

        // snippet: supersteps
        var imported = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await graph.UpdateStateAsync(imported,
        [
            [NodeUpdate.Of(new StateUpdate().Add(log, "imported"), StateGraph.Start)],
            [NodeUpdate.Of(new StateUpdate().Add(log, "A"), "a"), NodeUpdate.Of(new StateUpdate().Add(log, "B"), "b")],
        ]);
        var head = await graph.GetStateAsync(imported.Checkpointer);
        Console.WriteLine($"step {head!.Checkpoint.Step}: {head.Values}, next {string.Join(", ", head.Next)}");
        // end

        Prints("supersteps");
    }
}
