namespace Weft.Graphs.Tests.Docs;

public sealed class PersistenceSnippets : GuideSnippets
{
    [Fact]
    public async Task Thread_of_turns()
    {
        // snippet: thread
        var chat = Channel.Messages();
        var graph = new StateGraph()
            .AddChannel(chat)
            .AddNode("answer", context => new StateUpdate().Add(chat, Message.Ai($"That was message {context.Get(chat).Count}.")))
            .AddEdge(StateGraph.Start, "answer")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await graph.RunAsync(new StateUpdate().Add(chat, "Hello"), options);
        await graph.RunAsync(new StateUpdate().Add(chat, "Hello again"), options);

        var state = await graph.GetStateAsync(options.Checkpointer);
        Console.WriteLine(string.Join(" | ", state!.Values.Get(chat)));
        // end

        Prints("thread");
    }

    [Fact]
    public async Task Pending_writes()
    {
        // snippet: pending-writes
        var log = Channel.List<string>("log");
        var charged = new TaskCompletionSource();
        var mailIsDown = true;

        var graph = new StateGraph()
            .AddChannel(log)
            .AddNode("charge", _ =>
            {
                charged.SetResult();
                Console.WriteLine("charging");
                return new StateUpdate().Add(log, "charged");
            })
            .AddNode("mail", async (_, _) =>
            {
                await charged.Task;
                return mailIsDown ? throw new IOException("mail is down") : new StateUpdate().Add(log, "mailed");
            })
            .AddEdge(StateGraph.Start, "charge")
            .AddEdge(StateGraph.Start, "mail")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer(), Durability = Durability.Sync };
        try
        {
            await graph.RunAsync(StateUpdate.None, options);
        }
        catch (NodeFailedException e)
        {
            Console.WriteLine(e.Message);
        }

        mailIsDown = false;
        Console.WriteLine((await graph.RunAsync(GraphInput.Continue, options)).Values);
        // end

        Prints("pending-writes");
    }
}
