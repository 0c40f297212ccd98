using System.Globalization;
using System.Text.Json;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/subgraphs.mjs</c>.</summary>
internal static class SubgraphGraphs
{
    private static readonly LastValueChannel<string> City = Channel.LastValue<string>("city");
    private static readonly LastValueChannel<string> Route = Channel.LastValue<string>("route");
    private static readonly LastValueChannel<string> Secret = Channel.LastValue<string>("secret");
    private static readonly LastValueChannel<string> Text = Channel.LastValue<string>("text");
    private static readonly LastValueChannel<int> Item = Channel.LastValue<int>("item");
    private static readonly ListChannel<string> Seen = Channel.List<string>("seen");

    public static OracleGraph Build(string scenario) => scenario switch
    {
        "shared_keys" => Around(Line("one", "two").Compile()),
        "nested" => Nested(),
        "private_keys" => PrivateKeys(),
        "no_shared_key" => NoSharedKey(),
        "interrupt_inside" or "edited_while_asking" or "travel_into_subgraph" or "travel_to_parent_of_subgraph" => Around(Asking()),
        "interrupt_inside_by_id" => Before(Asking()),
        "interrupt_twice_inside" => Before(
            State()
                .AddNode("ask", Ask("ask", "\"one?\"", "\"two?\""))
                .AddNode("again", Ask("again", "\"three?\""))
                .Chain("ask", "again")
                .Compile()),
        "interrupt_in_two" or "interrupt_in_two_at_once" =>
            State().AddNode("left", Asking("left?")).AddNode("right", Asking("right?")).Visits("join")
            .AddEdge(StateGraph.Start, "left").AddEdge(StateGraph.Start, "right").AddEdge(["left", "right"], "join").Compile(),
        "interrupt_two_deep" => State()
            .AddNode("outer", State("mid").AddNode("inner", Asking()).Chain("mid", "inner").Compile())
            .Visits("after")
            .Chain("outer", "after")
            .Compile(),
        "weather" or "weather_edited" or "weather_edited_as_node" or "weather_edited_at_parent" => Weather(),
        "breakpoint_in_parent" => State("before").AddNode("sub", Line("one", "two").Compile()).Chain("before", "sub").Compile(),
        "breakpoint_everywhere" => Around(Line("one", "two").Compile()),
        "called_from_code" => Calling(Line("one", "two").Compile()),
        "called_twice" => Calling(Line("one").Compile(), times: 2),
        "called_declared" => Calling(Asking(), declared: true),
        "called_and_asks" => Calling(Asking()),
        "called_twice_and_asks" => Calling(Asking(), times: 2),
        "called_then_asks_itself" => CallingThenAsking(),
        "failing_inside" => FailingInside(),
        "memory_per_thread" => MemoryPerThread(),
        "memory_per_thread_and_asks" =>
            Before(AskingGraph("sure?").Compile(new CompileOptions { Persistence = SubgraphPersistence.PerThread })),
        "no_memory" => Before(Line("one", "two").Compile(new CompileOptions { Persistence = SubgraphPersistence.None })),
        "no_memory_and_asks" => Before(AskingGraph("sure?").Compile(new CompileOptions { Persistence = SubgraphPersistence.None })),
        "command_to_parent" => State()
            .AddNode("sub", State("one")
                .AddNode(
                    "jump",
                    _ => new Command
                    {
                        ToParent = true,
                        Update = new StateUpdate().Set(Name, "from inside").Add(Trail, "jump"),
                        Goto = ["other"],
                    })
                .Visits("never").Chain("one", "jump", "never").Compile(), new NodeOptions { Destinations = ["other"] })
            .Visits("other").Chain("sub").Compile(),
        "command_to_parent_with_sends" => State()
            .AddNode("sub", State().AddNode("jump", _ => new Command { ToParent = true, Update = new StateUpdate().Set(Count, 1), Goto = [ItemFor("other", 1), ItemFor("other", 2)] })
                .Chain("jump").Compile(), new NodeOptions { Destinations = ["other"] })
            .AddNode("other", context => NoteIn($"other:{ItemOf(context)}")).Chain("sub").Compile(),
        "command_to_root_from_two_deep" => State()
            .AddNode("outer", State()
                .AddNode(
                    "inner",
                    State()
                        .AddNode("jump", _ => new Command { ToParent = true, Update = NoteIn("jump"), Goto = ["landed"] })
                        .Chain("jump")
                        .Compile(),
                    new NodeOptions { Destinations = ["landed"] })
                .Visits("landed").Chain("inner").Compile())
            .Visits("after").Chain("outer", "after").Compile(),
        "send_to_subgraph" => State("plan").AddNode("sub", OfItem(context => NoteIn($"work:{context.Get(Item)}"), "work")).Visits("gather")
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [ItemFor("sub", 3), ItemFor("sub", 1), ItemFor("sub", 2)], ["sub"])
            .AddEdge("sub", "gather").Compile(),
        "send_to_asking_subgraph" => State()
            .AddNode("sub", OfItem(context => NoteIn($"{context.Get(Item)}:{context.Interrupt($"item {context.Get(Item)}?")}"), "ask"))
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("sub", 1), ItemFor("sub", 2)], ["sub"]).Compile(),
        "subgraph_in_loop" => State()
            .AddNode(
                "sub",
                new StateGraph().AddChannel(Count).AddNode("tick", _ => new StateUpdate().Set(Count, 1)).Chain("tick").Compile())
            .AddEdge(StateGraph.Start, "sub")
            .AddConditionalEdges("sub", context => context.Get(Count) < 3 ? "sub" : StateGraph.End, ["sub", StateGraph.End])
            .Compile(),
        "custom_writer_inside" => State().AddNode("sub", State().AddNode("talk", Talk).Chain("talk").Compile()).Chain("sub").Compile(),
        "model_inside" => ChatState()
            .AddNode("sub", ChatState().AddNode("say", Say("m1", "Hel", "lo")).Chain("say").Compile())
            .AddNode("more", Say("m2", "By", "e"))
            .Chain("sub", "more")
            .Compile(),
        "model_in_called_graph" => ModelInCalledGraph(),
        "parent_without_checkpointer" =>
            new OracleGraph(State().AddNode("sub", Line("one").Compile()).Chain("sub").Compile()) { IsKept = false },
        "recursion_limit_inside" => State("before")
            .AddNode("sub", State().AddNode("tick", _ => new StateUpdate().Set(Count, 1))
                .AddEdge(StateGraph.Start, "tick")
                .AddConditionalEdges("tick", context => context.Get(Count) < 4 ? "tick" : StateGraph.End, ["tick", StateGraph.End])
                .Compile())
            .Chain("before", "sub").Compile(),
        "subgraph_then_parallel" => State().AddNode("sub", Line("one", "two").Compile()).Visits("plain", "join")
            .AddEdge(StateGraph.Start, "sub").AddEdge(StateGraph.Start, "plain").AddEdge(["sub", "plain"], "join").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as subgraphs.mjs does."),
    };

    private static CompiledGraph Around(CompiledGraph sub) =>
        State("before").AddNode("sub", sub).Visits("after").Chain("before", "sub", "after").Compile();

    private static CompiledGraph Before(CompiledGraph sub) => State().AddNode("sub", sub).Visits("after").Chain("sub", "after").Compile();

    private static StateGraph AskingGraph(string question) =>
        State("inside").AddNode("ask", Ask("ask", JsonSerializer.Serialize(question))).Chain("inside", "ask");

    private static CompiledGraph Asking(string question = "sure?") => AskingGraph(question).Compile();

    private static CompiledGraph OfItem(Func<NodeContext, NodeResult> run, string node) =>
        new StateGraph().AddChannels(Item, Trail).AddNode(node, run).Chain(node).Compile();

    private static CompiledGraph Nested()
    {
        var list = Channel.List<string>("messages", absentAtFirst: true);
        var parent = Channel.LastValue<string>("parent");
        var child = Channel.LastValue<string>("child");
        var inner = Entering(new StateGraph().AddChannels(list, parent, child), "c_one", "c_two").Chain("c_one", "c_two").Compile();
        var middle = Entering(new StateGraph().AddChannels(list, parent), "p_one")
            .AddNode("p_two", inner)
            .Chain("p_one", "p_two")
            .Compile();
        return Entering(new StateGraph().AddChannel(list), "gp_one").AddNode("gp_two", middle).Chain("gp_one", "gp_two").Compile();

        StateGraph Entering(StateGraph graph, params string[] names) =>
            names.Aggregate(graph, (graph, name) => graph.AddNode(name, _ => new StateUpdate().Add(list, $"Entered {name} node")));
    }

    private static CompiledGraph PrivateKeys()
    {
        var sub = new StateGraph().AddChannels(Name, Secret, Trail)
            .AddNode("hide", context => new StateUpdate().Set(Secret, $"s:{context.Get(Name)}"))
            .AddNode("use", context => new StateUpdate().Set(Name, $"{context.Get(Secret)}!").Add(Trail, "use"))
            .Chain("hide", "use").Compile();
        return Around(sub);
    }

    private static CompiledGraph NoSharedKey()
    {
        var sub = new StateGraph()
            .AddChannel(Text)
            .AddNode("shout", context => new StateUpdate().Set(Text, context.Get(Text)!.ToUpperInvariant()))
            .Chain("shout")
            .Compile();
        return State().AddNode("translate", async (context, cancellationToken) =>
        {
            var values = await context.RunAsync(sub, new StateUpdate().Set(Text, context.Get(Name)!), cancellationToken);
            return new StateUpdate().Set(Name, values.Get(Text)!);
        }).Chain("translate").Compile();
    }

    private static CompiledGraph Weather()
    {
        var sub = new StateGraph().AddChannels(Chat, City)
            .AddNode("model_node", _ => new StateUpdate().Set(City, "San Francisco"))
            .AddNode("weather_node", context => new StateUpdate().Add(Chat, Message.Ai($"It's sunny in {context.Get(City)}!", "a1")))
            .Chain("model_node", "weather_node").Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("weather_node") });
        return new StateGraph().AddChannels(Chat, Route)
            .AddNode("router_node", _ => new StateUpdate().Set(Route, "weather"))
            .AddNode("normal_llm_node", _ => new StateUpdate().Add(Chat, Message.Ai("Hello", "a2")))
            .AddNode("weather_graph", sub)
            .AddEdge(StateGraph.Start, "router_node")
            .AddConditionalEdges(
                "router_node",
                context => context.Get(Route) == "weather" ? "weather_graph" : "normal_llm_node",
                ["weather_graph", "normal_llm_node"])
            .Compile();
    }

    private static CompiledGraph Calling(CompiledGraph sub, int times = 1, bool declared = false) => State()
        .AddNode(
            "call",
            async (context, cancellationToken) =>
            {
                var results = new List<string>();
                for (var i = 0; i < times; i++)
                {
                    var values = await context.RunAsync(
                        sub,
                        new StateUpdate().Set(Name, string.Create(CultureInfo.InvariantCulture, $"call {i}")),
                        cancellationToken);
                    results.Add($"got {string.Join('+', values.Get(Trail)!)}");
                }

                return new StateUpdate().Add(Trail, [.. results]);
            },
            new NodeOptions { Subgraphs = declared ? [sub] : [] })
        .Visits("after").Chain("call", "after").Compile();

    private static CompiledGraph CallingThenAsking()
    {
        var sub = Line("one").Compile();
        return State().AddNode("call", async (context, cancellationToken) =>
        {
            var values = await context.RunAsync(sub, StateUpdate.None, cancellationToken);
            return new StateUpdate().Add(Trail, [.. values.Get(Trail)!, $"own:{context.Interrupt("own?")}"]);
        }).Visits("after").Chain("call", "after").Compile();
    }

    private static CompiledGraph FailingInside()
    {
        var tries = 0;
        return Around(
            State("one")
                .AddNode("bad", _ => ++tries == 1 ? throw new InvalidOperationException("no luck") : NoteIn("bad"))
                .Chain("one", "bad")
                .Compile());
    }

    private static CompiledGraph MemoryPerThread()
    {
        var sub = new StateGraph().AddChannels(Name, Seen)
            .AddNode(
                "note",
                context => new StateUpdate().Add(Seen, context.Get(Name)!).Set(Name, $"{context.Get(Name)}:{context.Get(Seen)!.Count}"))
            .Chain("note").Compile(new CompileOptions { Persistence = SubgraphPersistence.PerThread });
        return Before(sub);
    }

    private static NodeResult Talk(NodeContext context)
    {
        context.Write(JsonElement.Parse("""{"at":1}"""));
        context.Write("two");
        return NoteIn("talk");
    }

    private static CompiledGraph ModelInCalledGraph()
    {
        var sub = ChatState().AddNode("say", Say("m1", "Hel", "lo")).Chain("say").Compile();
        return ChatState().AddNode("call", async (context, cancellationToken) =>
        {
            var values = await context.RunAsync(sub, new StateUpdate().Add(Chat, [.. context.Get(Chat)]), cancellationToken);
            return new StateUpdate().Add(Chat, [.. values.Get(Chat)!]);
        }).Chain("call").Compile();
    }
}
