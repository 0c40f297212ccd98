namespace Weft.Graphs.Tests.Docs;

public sealed class EdgeSnippets : GuideSnippets
{
    [Fact]
    public async Task Conditional()
    {
        // snippet: conditional
        var guess = Channel.LastValue("guess", 0);
        var verdict = Channel.LastValue<string>("verdict");

        var graph = new StateGraph()
            .AddChannels(guess, verdict)
            .AddNode("guess", context => new StateUpdate().Set(guess, context.Get(guess) + 3))
            .AddNode("praise", context => new StateUpdate().Set(verdict, $"{context.Get(guess)} is enough"))
            .AddEdge(StateGraph.Start, "guess")
            .AddConditionalEdges(
                "guess",
                context => context.Get(guess) >= 7,
                new Dictionary<bool, string> { [true] = "praise", [false] = "guess" })
            .Compile();

        Console.WriteLine((await graph.RunAsync(StateUpdate.None)).Values);
        // end

        Prints("conditional");
    }

    [Fact]
    public async Task Barrier()
    {
        // snippet: barrier
        var log = Channel.List<string>("log");
        NodeResult Note(NodeContext context) => new StateUpdate().Add(log, context.Node);

        var graph = new StateGraph()
            .AddChannel(log)
            .AddNode("fast", Note)
            .AddNode("slow", Note)
            .AddNode("slower", Note)
            .AddNode("join", Note)
            .AddEdge(StateGraph.Start, "fast")
            .AddEdge(StateGraph.Start, "slow")
            .AddEdge("slow", "slower")
            .AddEdge(["fast", "slower"], "join")
            .Compile();

        Console.WriteLine((await graph.RunAsync(StateUpdate.None)).Values);
        // end

        Prints("barrier");
    }

    [Fact]
    public async Task Sends()
    {
        // snippet: send
        var words = Channel.List<string>("words");
        var word = Channel.LastValue<string>("word");
        var lengths = Channel.List<int>("lengths");
        var longest = Channel.LastValue<int>("longest");

        var graph = new StateGraph()
            .AddChannels(words, word, lengths, longest)
            .AddNode("measure", context => new StateUpdate().Add(lengths, context.Get(word)!.Length))
            .AddNode("compare", context => new StateUpdate().Set(longest, context.Get(lengths)!.Max()))
            .AddConditionalEdges(
                StateGraph.Start,
                context => [.. context.Get(words)!.Select(each => Send.Of("measure", new StateUpdate().Set(word, each)))],
                ["measure"])
            .AddEdge("measure", "compare")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Add(words, "warp", "weft", "shuttle"));
        Console.WriteLine($"{string.Join(" ", result.Values.Get(lengths)!)}, longest {result.Values.Get(longest)}");
        // end

        Prints("send");
    }

    [Fact]
    public async Task Commands()
    {
        // snippet: command
        var amount = Channel.LastValue<int>("amount");
        var decision = Channel.LastValue<string>("decision");

        var graph = new StateGraph()
            .AddChannels(amount, decision)
            .AddNode(
                "decide",
                context => context.Get(amount) > 100
                    ? new Command { Update = new StateUpdate().Set(decision, "too much"), Goto = ["refuse"] }
                    : new StateUpdate().Set(decision, "fine"),
                new NodeOptions { Destinations = ["refuse"] })
            .AddNode("refuse", context => new StateUpdate().Set(decision, $"refused: {context.Get(decision)}"))
            .AddEdge(StateGraph.Start, "decide")
            .Compile();

        Console.WriteLine((await graph.RunAsync(new StateUpdate().Set(amount, 50))).Values);
        Console.WriteLine((await graph.RunAsync(new StateUpdate().Set(amount, 500))).Values);
        // end

        Prints("command");
    }

    [Fact]
    public async Task To_parent()
    {
        // snippet: parent
        var log = Channel.List<string>("log");
        var expert = new StateGraph()
            .AddChannel(log)
            .AddNode("think", _ => new Command { ToParent = true, Update = new StateUpdate().Add(log, "not for me"), Goto = ["clerk"] })
            .AddEdge(StateGraph.Start, "think")
            .Compile();

        var office = new StateGraph()
            .AddChannel(log)
            .AddNode("expert", expert, new NodeOptions { Destinations = ["clerk"] })
            .AddNode("clerk", _ => new StateUpdate().Add(log, "done"))
            .AddEdge(StateGraph.Start, "expert")
            .Compile();

        Console.WriteLine((await office.RunAsync(StateUpdate.None)).Values);
        // end

        Prints("parent");
    }

    [Fact]
    public async Task Deferred()
    {
        // snippet: defer
        var log = Channel.List<string>("log");
        NodeResult Note(NodeContext context) => new StateUpdate().Add(log, context.Node);

        var graph = new StateGraph()
            .AddChannel(log)
            .AddNode("plan", Note)
            .AddNode("work", Note)
            .AddNode("rework", Note)
            .AddNode("report", Note, new NodeOptions { Defer = true })
            .AddEdge(StateGraph.Start, "plan")
            .AddEdge("plan", "report")
            .AddEdge("plan", "work")
            .AddEdge("work", "rework")
            .Compile();

        Console.WriteLine((await graph.RunAsync(StateUpdate.None)).Values);
        // end

        Prints("defer");
    }

    [Fact]
    public async Task Recursion_limit()
    {
        // snippet: recursion
        var graph = new StateGraph()
            .AddNode("again", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "again")
            .AddEdge("again", "again")
            .Compile();

        try
        {
            await graph.RunAsync(StateUpdate.None, new GraphRunOptions { RecursionLimit = 10 });
        }
        catch (GraphRecursionException e)
        {
            Console.WriteLine(e.Message);
        }
        // end

        Prints("recursion");
    }
}
