namespace Weft.Graphs.Tests.Docs;

public sealed class StoreSnippets : GuideSnippets
{
    // snippet: store
    private sealed record Preferences(string Language, int Visits);

    private static async Task<NodeResult> GreetAsync(NodeContext context, CancellationToken stop)
    {
        ItemNamespace home = ["users", context.GetConfigurable("user_id")!];
        var known = await context.Store.FindValueAsync<Preferences>(home, "preferences", cancellationToken: stop);
        var now = new Preferences(known?.Language ?? "en", (known?.Visits ?? 0) + 1);
        await context.Store.PutAsync(home, "preferences", now, cancellationToken: stop);
        return StateUpdate.None;
    }
    // end

    [Fact]
    public async Task Store()
    {
        // snippet: store-run
        var graph = new StateGraph().AddNode("greet", GreetAsync).AddEdge(StateGraph.Start, "greet").Compile();
        var store = new InMemoryStore();
        foreach (var user in new[] { "ada", "ada", "bob" })
        {
            var configurable = GraphJson.ToElement(new { user_id = user });
            await graph.RunAsync(StateUpdate.None, new GraphRunOptions { Store = store, Configurable = configurable });
        }

        var often = await store.SearchAsync(["users"], new ItemQuery { Filter = ItemFilter.Parse("""{"Visits":{"$gte":2}}""") });
        Console.WriteLine($"{often.Single().Namespace} {often.Single().Value}");
        // end

        Prints("store-run");
    }
}
