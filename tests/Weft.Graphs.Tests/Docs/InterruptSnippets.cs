namespace Weft.Graphs.Tests.Docs;

public sealed class InterruptSnippets : GuideSnippets
{
    [Fact]
    public async Task Asking()
    {
        // snippet: interrupt
        var draft = Channel.LastValue<string>("draft");
        var sent = Channel.LastValue<bool>("sent");

        var graph = new StateGraph()
            .AddChannels(draft, sent)
            .AddNode("send", context =>
            {
                var answer = context.Interrupt(new { question = "Send it?", draft = context.Get(draft) });
                return new StateUpdate().Set(sent, answer.GetBoolean());
            })
            .AddEdge(StateGraph.Start, "send")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await graph.RunAsync(new StateUpdate().Set(draft, "Dear Ada, …"), options);
        Console.WriteLine($"{paused.IsPaused} {paused.Interrupts[0].Value}");

        var done = await graph.RunAsync(Command.ResumeWith(true), options);
        Console.WriteLine($"{done.IsPaused} {done.Values.Get(sent)}");
        // end

        Prints("interrupt");
    }

    [Fact]
    public async Task Several_questions()
    {
        // snippet: interrupts
        var answers = Channel.List<string>("answers");
        NodeResult Ask(NodeContext context) => new StateUpdate().Add(answers, $"{context.Node}: {context.Interrupt($"{context.Node}?")}");

        var graph = new StateGraph()
            .AddChannel(answers)
            .AddNode("colour", Ask)
            .AddNode("size", Ask)
            .AddEdge(StateGraph.Start, "colour")
            .AddEdge(StateGraph.Start, "size")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var asked = await graph.RunAsync(StateUpdate.None, options);
        var given = new Dictionary<string, string> { ["colour?"] = "red", ["size?"] = "small" };
        var byId = asked.Interrupts.ToDictionary(interrupt => interrupt.Id, interrupt => given[interrupt.Value.GetString()!]);

        Console.WriteLine((await graph.RunAsync(Command.ResumeWith(byId), options)).Values);
        // end

        Prints("interrupts");
    }

    [Fact]
    public async Task Several_questions_of_one_node()
    {
        // snippet: questions-at-once
        var order = Channel.List<string>("order");
        var graph = new StateGraph()
            .AddChannel(order)
            .AddNode("order", async (context, stop) =>
            {
                async Task<string> AskAsync(string part, int wait)
                {
                    await Task.Delay(wait, stop);
                    return $"{part}: {context.Interrupt($"{part}?")}";
                }

                return new StateUpdate().Add(order, await Task.WhenAll(AskAsync("starter", 20), AskAsync("main course", 0)));
            })
            .AddEdge(StateGraph.Start, "order")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var asked = await graph.RunAsync(StateUpdate.None, options);
        var main = asked.Interrupts.Single(interrupt => interrupt.Value.GetString() == "main course?");
        var left = await graph.RunAsync(Command.ResumeWith(new Dictionary<string, string> { [main.Id] = "pasta" }), options);
        Console.WriteLine(left.Interrupts.Single().Value);

        Console.WriteLine((await graph.RunAsync(Command.ResumeWith("soup"), options)).Values);
        // end

        Prints("questions-at-once");
    }

    [Fact]
    public async Task Breakpoints()
    {
        // snippet: breakpoint
        var amount = Channel.LastValue<int>("amount");
        var graph = new StateGraph()
            .AddChannel(amount)
            .AddNode("plan", _ => new StateUpdate().Set(amount, 900))
            .AddNode("pay", context =>
            {
                Console.WriteLine($"paid {context.Get(amount)}");
                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "plan")
            .AddEdge("plan", "pay")
            .Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("pay") });

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await graph.RunAsync(StateUpdate.None, options);
        Console.WriteLine($"next is {string.Join(", ", (await graph.GetStateAsync(options.Checkpointer))!.Next)}");

        await graph.UpdateStateAsync(options, new StateUpdate().Set(amount, 90));
        await graph.RunAsync(GraphInput.Continue, options);
        // end

        Prints("breakpoint");
    }
}
