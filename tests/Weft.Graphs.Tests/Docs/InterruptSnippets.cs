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
