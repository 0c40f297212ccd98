using System.Text.Json;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/control.mjs</c>.</summary>
internal static class ControlGraphs
{
    private static readonly NodeOptions Deferred = new() { Defer = true };
    private static readonly LastValueChannel<string> Question = Channel.LastValue<string>("question");
    private static readonly LastValueChannel<string> Answer = Channel.LastValue<string>("answer");
    private static readonly LastValueChannel<string> Notes = Channel.LastValue<string>("notes");
    private static readonly LastValueChannel<string> Secret = Channel.LastValue<string>("secret");

    public static OracleGraph Build(string scenario) => scenario switch
    {
        "deferred" => State("a", "b", "b2", "b3").AddNode("meet", Visit("meet"), Deferred)
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .AddEdge("b", "b2")
            .AddEdge("b2", "b3")
            .AddEdge("a", "meet")
            .AddEdge("b3", "meet")
            .Compile(),
        "not_deferred" => State("a", "b", "b2", "meet")
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .AddEdge("b", "b2")
            .AddEdge("a", "meet")
            .AddEdge("b2", "meet")
            .Compile(),
        "deferred_join" => State("a", "b", "long", "longer").AddNode("meet", Visit("meet"), Deferred).Visits("last")
            .AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b").AddEdge(StateGraph.Start, "long").AddEdge("long", "longer")
            .AddEdge(["a", "b"], "meet").AddEdge("meet", "last").Compile(),
        "two_deferred" => State("a").AddNode("first", Visit("first"), Deferred).AddNode("second", Visit("second"), Deferred).Visits("b")
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "first").AddEdge("a", "second").AddEdge("first", "b").Compile(),
        "deferred_goto" => State().AddNode("ask", Ask("ask", "\"ok?\"")).Visits("b").AddNode("meet", Visit("meet"), Deferred)
            .AddEdge(StateGraph.Start, "ask").AddEdge("ask", "b").AddEdge("b", "meet").Compile(),
        "deferred_and_paused" => State("a", "b").AddNode("meet", Visit("meet"), Deferred)
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("a", "meet").AddEdge("b", "meet").Compile(),
        "retry_succeeds" => State().AddNode("shaky", Failing(1, "shaky"), Retry(3)).Visits("after").Chain("shaky", "after").Compile(),
        "retry_exhausted" => State().AddNode("shaky", Failing(3, "shaky"), Retry(2)).Visits("after").Chain("shaky", "after").Compile(),
        "retry_not_on_this" =>
            State().AddNode("shaky", Failing(1, "shaky"), Retry(3, error => error.Message != "try 1")).Chain("shaky").Compile(),
        "retry_of_subgraph" => State()
            .AddNode("sub", State("one").AddNode("shaky", Failing(1, "shaky")).Chain("one", "shaky").Compile(), Retry(2))
            .Visits("after").Chain("sub", "after").Compile(),
        "retry_streams_again" => Talking(),
        "cached" => Cached(new CachePolicy { Key = context => context.Get(Name)! }, "after"),
        "cached_for_a_second" => Cached(new CachePolicy { Key = context => context.Get(Name)!, TimeToLive = TimeSpan.FromSeconds(1) }),
        "cached_by_whole_input" => CachedByWholeInput(),
        "cached_sends" => CachedSends(),
        "path_map" => State("pick", "x", "y").AddEdge(StateGraph.Start, "pick")
            .AddConditionalEdges(
                "pick",
                context => context.Get(Name) switch
                {
                    "both" => ["x", "y"],
                    "left" => ["x"],
                    "right" => ["y"],
                    _ => [StateGraph.End],
                },
                ["x", "y", StateGraph.End]).Compile(),
        "path_map_from_start" => State("x", "y")
            .AddConditionalEdges(StateGraph.Start, context => context.Get(Name) == "x" ? "x" : "y", ["x", "y"])
            .Compile(),
        "two_branches" => State("pick", "x", "y", "z").AddEdge(StateGraph.Start, "pick").AddEdge("pick", "z")
            .AddConditionalEdges("pick", _ => "y", ["x", "y"]).AddConditionalEdges("pick", _ => "x", ["x", "y"]).Compile(),
        "command_with_gotos_and_sends" => State()
            .AddNode(
                "route",
                _ => new Command
                {
                    Update = new StateUpdate().Set(Name, "routed"),
                    Goto = ["left", ItemFor("work", 1), "right", ItemFor("work", 2)],
                },
                new NodeOptions { Destinations = ["left", "right", "work"] })
            .Visits("left", "right", "edge").AddNode("work", Work)
            .AddEdge(StateGraph.Start, "route").AddEdge("route", "edge").Compile(),
        "several_commands" => State()
            .AddNode(
                "route",
                _ => new Command { Update = new StateUpdate().Add(Trail, "one").Add(Trail, "two").Set(Count, 3), Goto = ["left", "right"] },
                new NodeOptions { Destinations = ["left", "right"] })
            .Visits("left", "right").AddEdge(StateGraph.Start, "route").Compile(),
        "send_chain" => State()
            .AddNode(
                "work",
                context => new Command
                {
                    Update = NoteIn($"work:{ItemOf(context)}"),
                    Goto = ItemOf(context) < 3 ? [ItemFor("work", ItemOf(context) + 2), ItemFor("end", ItemOf(context))] : [],
                },
                new NodeOptions { Destinations = ["work", "end"] })
            .AddNode("end", context => NoteIn($"end:{ItemOf(context)}"))
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("work", 2), ItemFor("work", 1)], ["work"]).Compile(),
        "input_and_output_schemas" => new StateGraph().AddChannels(Question, Answer, Notes).Input(Question).Output(Answer)
            .AddNode("think", context => new StateUpdate().Set(Notes, $"about {context.Get(Question)}"))
            .AddNode("reply", context => new StateUpdate().Set(Answer, $"{context.Get(Notes)}!")).Chain("think", "reply").Compile(),
        "private_state" => State().AddChannel(Secret)
            .AddNode("hide", context => new StateUpdate().Set(Secret, $"s:{context.Get(Name)}"))
            .AddNode("use", context => new StateUpdate().Set(Name, $"name+secret={context.Get(Secret)}"))
            .AddNode("after", _ => NoteIn("count+name+trail")).Chain("hide", "use", "after").Compile(),
        "context" => State()
            .AddNode("outer", Tone("outer"))
            .AddNode("sub", State().AddNode("inner", Tone("inner")).Chain("inner").Compile())
            .Chain("outer", "sub")
            .Compile(),
        "configurable" =>
            State().AddNode("use", context => new StateUpdate().Set(Name, context.GetConfigurable("who")!)).Chain("use").Compile(),
        "node_timeout" => Side(State()
            .AddNode(
                "slow",
                SlowAsync(_ => true),
                new NodeOptions { Timeout = TimeSpan.FromMilliseconds(200) }).Visits("quick", "join"), "slow", "quick"),
        "node_timeout_retried" => State()
            .AddNode("slow", SlowAsync(tries => tries == 1), Retry(2) with { Timeout = TimeSpan.FromMilliseconds(200) })
            .Chain("slow")
            .Compile(),
        "failing_beside_asking" => FailingBesideAsking(),
        "model_at_root" => ChatState()
            .AddNode("say", Say("m1", "Hel", "lo"))
            .AddNode("whole", _ => new StateUpdate().Add(Chat, Message.Ai("whole", "w1")))
            .Chain("say", "whole")
            .Compile(),
        "model_untold" => ChatState()
            .AddNode("quiet", Say("m1", "Hel", "lo"), new NodeOptions { Tags = [StreamTags.NoStream] })
            .AddNode("named", Say("m2", "By", "e"))
            .Chain("quiet", "named")
            .Compile(),
        "tools" => State().AddNode("call", Add).AddNode("fails", FailingTool).Chain("call", "fails").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as control.mjs does."),
    };

    private static CompiledGraph Side(StateGraph graph, params string[] names) =>
        names.Aggregate(graph, (graph, name) => graph.AddEdge(StateGraph.Start, name)).AddEdge(names, "join").Compile();

    private static NodeOptions Retry(int attempts, Func<Exception, bool>? on = null) => new()
    {
        Retry = new RetryPolicy
        {
            AttemptsMax = attempts,
            InitialInterval = TimeSpan.FromMilliseconds(1),
            Jitter = false,
            RetryOn = on ?? (_ => true),
        },
    };

    private static Func<NodeContext, NodeResult> Failing(int times, string done)
    {
        var tries = 0;
        return _ => ++tries <= times ? throw new InvalidOperationException($"try {tries}") : NoteIn(done);
    }

    private static CompiledGraph Talking()
    {
        var tries = 0;
        return ChatState().AddNode(
            "talk",
            context =>
            {
                tries++;
                context.Write(JsonElement.Parse($$"""{"try":{{tries}}}"""));
                var answer = Say($"m{tries}", "a", "b")(context);
                return tries == 1 ? throw new InvalidOperationException("again") : answer;
            },
            Retry(2)).Chain("talk").Compile();
    }

    private static OracleGraph Cached(CachePolicy policy, params string[] after)
    {
        var runs = 0;
        var world = new OracleGraph(null!);
        var graph = State().AddNode("costly", context => NoteIn($"{context.Get(Name)}{++runs}"), new NodeOptions { Cache = policy })
            .Visits(after).Chain(["costly", .. after]).Compile(new CompileOptions { Cache = new InMemoryNodeCache(world.Time) });
        return world with { Graph = graph };
    }

    private static CompiledGraph CachedByWholeInput()
    {
        var runs = 0;
        return State()
            .AddNode("costly", _ => new StateUpdate().Set(Name, $"run {++runs}"), new NodeOptions { Cache = new CachePolicy() })
            .AddNode("plain", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "costly")
            .AddEdge(StateGraph.Start, "plain")
            .Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
    }

    private static CompiledGraph CachedSends()
    {
        var runs = 0;
        return State()
            .AddNode("work", context => NoteIn($"{ItemOf(context)}:{++runs}"), new NodeOptions { Cache = new CachePolicy() })
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("work", 1), ItemFor("work", 2), ItemFor("work", 1)], ["work"])
            .Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
    }

    private static Func<NodeContext, NodeResult> Tone(string name) => context =>
        NoteIn(
            $"{name}:{(context.RunContext is { } given && given.TryGetProperty("tone", out var tone) ? tone.GetString() : "undefined")}");

    private static Func<NodeContext, CancellationToken, Task<NodeResult>> SlowAsync(Func<int, bool> isSlow)
    {
        var tries = 0;
        return async (_, cancellationToken) =>
        {
            await Task.Delay(isSlow(++tries) ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellationToken);
            return NoteIn("slow");
        };
    }

    private static CompiledGraph FailingBesideAsking()
    {
        var tries = 0;
        return Side(State().AddNode("ask", Ask("ask", "\"ok?\"")).AddNode("bad", async (_, cancellationToken) =>
        {
            // The sibling's outcome is to be in before this one fails.
            await Task.Delay(100, cancellationToken);
            return ++tries == 1 ? throw new InvalidOperationException("no luck") : NoteIn("bad");
        }).Visits("join"), "ask", "bad");
    }

    private static NodeResult Work(NodeContext context) => NoteIn($"work:{ItemOf(context)}");

    private static NodeResult Add(NodeContext context)
    {
        var span = context.StartTool(new ToolCall("add", JsonElement.Parse("""{"a":1,"b":2}"""), "call_1"))!;
        span.Report(JsonElement.Parse("""{"at":1}"""));
        span.End(Message.Tool("3", "call_1", "add"));
        return new StateUpdate().Set(Name, "3");
    }

    private static NodeResult FailingTool(NodeContext context)
    {
        context.StartTool(new ToolCall("broken", GraphJson.EmptyObject, "call_2"))!.Fail(new InvalidOperationException("broken"));
        return NoteIn("fails");
    }
}
