using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests;

/// <summary>Small graphs whose pace the tests set.</summary>
internal static class TestGraphs
{
    /// <summary>Answers the last message with "echo: " and its text.</summary>
    public static CompiledGraph Echo()
    {
        var messages = Channel.Messages();
        return new StateGraph()
            .AddChannels(messages, Channel.LastValue<string>("title"))
            .AddNode(
                "answer",
                context => new StateUpdate().Add(messages, Message.Ai("echo: " + (context.Get(messages) is [.., var last] ? last.Text : ""))))
            .AddEdge(StateGraph.Start, "answer")
            .AddEdge("answer", StateGraph.End)
            .Compile();
    }

    /// <summary>
    /// Says "begun", then waits at the gate that the input names, then streams "one two" token by token.
    /// </summary>
    public static CompiledGraph Gated(Gates gates)
    {
        var messages = Channel.Messages();
        var gate = Channel.LastValue<string>("gate");

        async Task<NodeResult> SpeakAsync(NodeContext context, CancellationToken cancellationToken)
        {
            context.Write("at the gate");
            await gates.Of(context.Get(gate) ?? "").PassAsync(cancellationToken);
            var id = "run--" + context.TaskId;
            foreach (var token in (ReadOnlySpan<string>)["one", " two"])
            {
                context.Messages.Emit(id, Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"{{id}}","content":"{{token}}"}"""));
            }

            return new StateUpdate().Add(messages, Message.Ai("one two", id));
        }

        return new StateGraph()
            .AddChannels(messages, gate)
            .AddNode("begin", _ => new StateUpdate().Add(messages, Message.Ai("begun")))
            .AddNode("speak", SpeakAsync)
            .AddEdge(StateGraph.Start, "begin")
            .AddEdge("begin", "speak")
            .AddEdge("speak", StateGraph.End)
            .Compile();
    }

    /// <summary>
    /// Waits at the gate that the input names as <c>before</c>, asks "which one?", then waits at the gate <c>after</c> and says what was
    /// chosen.
    /// </summary>
    public static CompiledGraph AskingGated(Gates gates)
    {
        var messages = Channel.Messages();
        var before = Channel.LastValue<string>("before");
        var after = Channel.LastValue<string>("after");

        async Task<NodeResult> AskAsync(NodeContext context, CancellationToken cancellationToken)
        {
            await PassAsync(context.Get(before), cancellationToken);
            var answer = context.Interrupt("which one?");
            await PassAsync(context.Get(after), cancellationToken);
            return new StateUpdate().Add(messages, Message.Ai($"you chose {answer}"));
        }

        Task PassAsync(string? gate, CancellationToken cancellationToken) =>
            gate is null ? Task.CompletedTask : gates.Of(gate).PassAsync(cancellationToken);

        return new StateGraph()
            .AddChannels(messages, before, after)
            .AddNode("ask", AskAsync)
            .AddEdge(StateGraph.Start, "ask")
            .Compile();
    }

    /// <summary>A graph as a node, that asks "ok?" at its end.</summary>
    public static CompiledGraph Outer()
    {
        var trail = Channel.List<string>("trail");
        var inner = new StateGraph()
            .AddChannel(trail)
            .AddNode("first", _ => new StateUpdate().Add(trail, "first"))
            .AddNode("ask", context => new StateUpdate().Add(trail, "ask:" + context.Interrupt("ok?")))
            .AddEdge(StateGraph.Start, "first")
            .AddEdge("first", "ask")
            .Compile();
        return new StateGraph().AddChannel(trail).AddNode("sub", inner).AddEdge(StateGraph.Start, "sub").Compile();
    }

    /// <summary>One node that asks, named as the configuration says.</summary>
    public static CompiledGraph Named(JsonElement configurable)
    {
        var name = configurable.TryGetProperty("name", out var given) ? given.GetString()! : "default";
        var answer = Channel.LastValue<string>("answer");
        return new StateGraph().AddChannel(answer)
            .AddNode(name, context => new StateUpdate().Set(answer, $"{name}: {context.Interrupt("ok?")}"))
            .AddEdge(StateGraph.Start, name).Compile();
    }

    /// <summary>One node that asks twice, beside two that do nothing.</summary>
    public static CompiledGraph AskingTwice()
    {
        var answers = Channel.LastValue<string>("answers");
        return new StateGraph().AddChannel(answers)
            .AddNode("one", _ => StateUpdate.None)
            .AddNode("two", _ => StateUpdate.None)
            .AddNode("ask", context => new StateUpdate().Set(answers, $"{context.Interrupt("first?")} {context.Interrupt("second?")}"))
            .AddEdge(StateGraph.Start, "one").AddEdge(StateGraph.Start, "two").AddEdge(StateGraph.Start, "ask").Compile();
    }

    /// <summary>A workflow of a step and a question.</summary>
    public static CompiledGraph Stepping()
    {
        var drafts = 0;
        return Workflow.Create<string, Essay>("workflow", async (topic, context, stop) =>
        {
            var draft = await context.StepAsync(
                "draft", _ => Task.FromResult($"{topic} {Interlocked.Increment(ref drafts)}"), cancellationToken: stop);
            return new Essay(draft, context.Interrupt("good?").ToString());
        });
    }

    public sealed record Essay(string Text, string Verdict);

    /// <summary>Asks "which one?" and keeps the answer.</summary>
    public static CompiledGraph Asking()
    {
        var messages = Channel.Messages();
        var answer = Channel.LastValue<string>("answer");
        return new StateGraph()
            .AddChannels(messages, answer)
            .AddNode("ask", context => new StateUpdate().Set(answer, context.Interrupt("which one?").ToString()))
            .AddNode("confirm", context => new StateUpdate().Add(messages, Message.Ai("you chose " + context.Get(answer))))
            .AddEdge(StateGraph.Start, "ask")
            .AddEdge("ask", "confirm")
            .AddEdge("confirm", StateGraph.End)
            .Compile();
    }

    /// <summary>
    /// A graph inside of a graph: the one that remembers its visits from run to run, then the one that asks.
    /// </summary>
    public static CompiledGraph Nested()
    {
        var visits = Channel.List<string>("visits");
        var remembering = new StateGraph()
            .AddChannel(visits)
            .AddNode("visit", _ => new StateUpdate().Add(visits, "visit"))
            .AddEdge(StateGraph.Start, "visit")
            .AddEdge("visit", StateGraph.End)
            .Compile(new CompileOptions { Persistence = SubgraphPersistence.PerThread });
        var answer = Channel.LastValue<string>("answer");
        return new StateGraph()
            .AddChannels(Channel.Messages(), answer, visits)
            .AddNode("remember", remembering)
            .AddNode("inner", Asking())
            .AddEdge(StateGraph.Start, "remember")
            .AddEdge("remember", "inner")
            .AddEdge("inner", StateGraph.End)
            .Compile();
    }

    /// <summary>Fails when asked to by the input, else counts to one.</summary>
    public static CompiledGraph Failing()
    {
        var fail = Channel.LastValue<bool>("fail");
        var count = Channel.LastValue<int>("count");
        return new StateGraph()
            .AddChannels(fail, count)
            .AddNode(
                "work",
                context => context.Get(fail) ? throw new InvalidOperationException("The tap is closed.") : new StateUpdate().Set(count, 1))
            .AddEdge(StateGraph.Start, "work")
            .AddEdge("work", StateGraph.End)
            .Compile();
    }

    /// <summary>Two nodes side by side; one goes where the input says, if it says so.</summary>
    public static CompiledGraph Steered()
    {
        var to = Channel.LastValue<string>("to");
        var trail = Channel.List<string>("trail");
        return new StateGraph()
            .AddChannels(to, trail)
            .AddNode(
                "left",
                context =>
                    new Command { Update = new StateUpdate().Add(trail, "left"), Goto = context.Get(to) is { } node ? [node] : [] },
                new NodeOptions { Destinations = ["last"] })
            .AddNode("right", _ => new StateUpdate().Add(trail, "right"))
            .AddNode("last", _ => new StateUpdate().Add(trail, "last"))
            .AddEdge(StateGraph.Start, "left")
            .AddEdge(StateGraph.Start, "right")
            .Compile();
    }

    /// <summary>
    /// Sets <c>before</c>, then gives what is no JSON where the input says: to the state, the stream, the store, or as
    /// a question.
    /// </summary>
    public static CompiledGraph Unwritable()
    {
        var what = Channel.LastValue<string>("what");
        var where = Channel.LastValue<string>("where");
        var before = Channel.LastValue<bool>("before");
        var value = Channel.LastValue<object>("value");

        static object Make(string? what)
        {
            var loop = new List<object>();
            loop.Add(loop);
            return what switch
            {
                "NaN" => double.NaN,
                "cycle" => loop,
                "type" => typeof(string),
                "half a character" => "\ud800",
                "default" => default(JsonElement),
                "too deep" =>
                    JsonDocument
                        .Parse(new string('[', 1_100) + new string(']', 1_100), new JsonDocumentOptions { MaxDepth = 1_200 })
                        .RootElement.Clone(),
                _ => new Unreadable("Nobody can read this."),
            };
        }

        async Task<NodeResult> GiveAsync(NodeContext context, CancellationToken cancellationToken)
        {
            using var document = JsonDocument.Parse("""{"t":21}""");
            var made = context.Get(what) == "a document's" ? document.RootElement : Make(context.Get(what));
            switch (context.Get(where))
            {
                case "stream":
                    context.Write(made);
                    break;
                case "store":
                    await context.Store.PutAsync(["unwritable"], "item", made, cancellationToken: cancellationToken);
                    break;
                case "question":
                    context.Interrupt(made);
                    break;
                default:
                    return new StateUpdate().Set(value, made);
            }

            return StateUpdate.None;
        }

        return new StateGraph()
            .AddChannels(what, where, before, value)
            .AddNode("prepare", _ => new StateUpdate().Set(before, true))
            .AddNode("give", GiveAsync)
            .AddEdge(StateGraph.Start, "prepare")
            .AddEdge("prepare", "give")
            .AddEdge("give", StateGraph.End)
            .Compile();
    }

    /// <summary>Two nodes at once: <c>bad</c> gives what is no JSON, <c>good</c> ends after it.</summary>
    public static CompiledGraph UnwritableBeside()
    {
        var value = Channel.LastValue<double>("value");
        var good = Channel.LastValue<bool>("good");
        var given = new ConcurrentDictionary<string, TaskCompletionSource<NodeResult>>();

        TaskCompletionSource<NodeResult> Of(NodeContext context) =>
            given.GetOrAdd(context.ThreadId, _ => new TaskCompletionSource<NodeResult>());

        return new StateGraph()
            .AddChannels(value, good)
            .AddNode("bad", (context, _) => Of(context).Task)
            .AddNode("good", context =>
            {
                Of(context).TrySetResult(new StateUpdate().Set(value, double.NaN));
                return new StateUpdate().Set(good, true);
            })
            .AddEdge(StateGraph.Start, "bad")
            .AddEdge(StateGraph.Start, "good")
            .Compile();
    }

    private sealed class Unreadable(string why)
    {
        public string Text => throw new InvalidOperationException(why);
    }

    /// <summary>Goes round and round.</summary>
    public static CompiledGraph Endless()
    {
        var count = Channel.LastValue("count", 0);
        return new StateGraph()
            .AddChannel(count)
            .AddNode("turn", context => new StateUpdate().Set(count, context.Get(count) + 1))
            .AddEdge(StateGraph.Start, "turn")
            .AddEdge("turn", "turn")
            .Compile();
    }

    /// <summary>
    /// Counts its runs, whatever their thread: the store keeps the number under <c>["counts"]</c>, <c>runs</c> as
    /// <c>{"n":1}</c>.
    /// </summary>
    public static CompiledGraph Counting()
    {
        var count = Channel.LastValue<int>("count");

        async Task<NodeResult> CountAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var before = await context.Store.FindAsync(["counts"], "runs", cancellationToken: cancellationToken);
            var next = (before?.Value.GetProperty("n").GetInt32() ?? 0) + 1;
            await context.Store.PutAsync(
                ["counts"],
                "runs",
                System.Text.Json.JsonElement.Parse($$"""{"n":{{next}}}"""),
                cancellationToken: cancellationToken);
            return new StateUpdate().Set(count, next);
        }

        return new StateGraph()
            .AddChannel(count)
            .AddNode("count", CountAsync)
            .AddEdge(StateGraph.Start, "count")
            .AddEdge("count", StateGraph.End)
            .Compile();
    }

    /// <summary>Tells what it was configured with.</summary>
    public static CompiledGraph Configured()
    {
        var configurable = Channel.LastValue<System.Text.Json.JsonElement>("configurable");
        var context = Channel.LastValue<System.Text.Json.JsonElement>("context");
        var actor = Channel.LastValue<string?>("actor");
        return new StateGraph()
            .AddChannels(configurable, context, actor)
            .AddNode("tell", node => new StateUpdate()
                .Set(configurable, node.Configurable).Set(context, node.RunContext ?? GraphJson.EmptyObject).Set(actor, node.Actor))
            .AddEdge(StateGraph.Start, "tell")
            .AddEdge("tell", StateGraph.End)
            .Compile();
    }
}
