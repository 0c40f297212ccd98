namespace Weft.Graphs.Tests.Docs;

public sealed class StateSnippets : GuideSnippets
{
    [Fact]
    public async Task Reducers()
    {
        // snippet: reducers
        var title = Channel.LastValue("title", "untitled");
        var log = Channel.List<string>("log");
        var total = Channel.Reducer("total", 0, (sum, more) => sum + more);
        var best = Channel.Reducer("best", 0, Math.Max);

        var graph = new StateGraph()
            .AddChannels(title, log, total, best)
            .AddNode("left", _ => new StateUpdate().Add(log, "left").Set(total, 3).Set(best, 3))
            .AddNode("right", _ => new StateUpdate().Add(log, "right", "and done").Set(total, 4).Set(best, 4))
            .AddEdge(StateGraph.Start, "left")
            .AddEdge(StateGraph.Start, "right")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Set(title, "both"));
        Console.WriteLine(result.Values);
        // end

        Prints("reducers");
    }

    [Fact]
    public async Task Messages()
    {
        // snippet: messages
        var chat = Channel.Messages();
        var graph = new StateGraph()
            .AddChannel(chat)
            .AddNode("answer", _ => new StateUpdate().Add(chat, Message.Ai("Helo", id: "a")))
            .AddNode("correct", _ => new StateUpdate().Add(chat, Message.Ai("Hello", id: "a"), Message.Remove("secret")))
            .AddEdge(StateGraph.Start, "answer")
            .AddEdge("answer", "correct")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Add(chat, "Hi").Add(chat, Message.Human("My password is …", id: "secret")));
        foreach (var message in result.Values.Get(chat))
        {
            Console.WriteLine(message);
        }
        // end

        Prints("messages");
    }

    [Fact]
    public async Task Passing()
    {
        // snippet: passing
        var found = Channel.Topic<string>("found");
        var hint = Channel.Ephemeral<string>("hint");
        var weather = Channel.AnyValue<string>("weather");
        var token = Channel.Untracked<string>("token");

        NodeResult Look(NodeContext context)
        {
            Console.WriteLine($"{context.Node} sees {context.Values}");
            return StateUpdate.None;
        }

        var graph = new StateGraph()
            .AddChannels(found, hint, weather, token)
            .AddNode("north", _ => new StateUpdate().Add(found, "a", "b").Set(weather, "rain").Set(hint, "hurry"))
            .AddNode("south", _ => new StateUpdate().Add(found, "c").Set(weather, "rain").Set(token, "s3cret"))
            .AddNode("next", Look)
            .AddNode("later", Look)
            .AddEdge(StateGraph.Start, "north")
            .AddEdge(StateGraph.Start, "south")
            .AddEdge(["north", "south"], "next")
            .AddEdge("next", "later")
            .Compile();

        var thread = new InMemoryCheckpointer();
        await graph.RunAsync(StateUpdate.None, new GraphRunOptions { Checkpointer = thread });
        Console.WriteLine($"kept is {(await graph.GetStateAsync(thread))!.Values}");
        // end

        Prints("passing");
    }

    [Fact]
    public async Task Overwrite()
    {
        // snippet: overwrite
        var log = Channel.List<string>("log");
        var graph = new StateGraph()
            .AddChannel(log)
            .AddNode("more", _ => new StateUpdate().Add(log, "more"))
            .AddNode("forget", _ => new StateUpdate().Overwrite(log, ["all forgotten"]))
            .AddEdge(StateGraph.Start, "more")
            .AddEdge("more", "forget")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Add(log, "begun"));
        Console.WriteLine(result.Values);
        // end

        Prints("overwrite");
    }
}
