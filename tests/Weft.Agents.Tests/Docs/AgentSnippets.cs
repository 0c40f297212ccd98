using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using static Weft.Agents.Tests.ScriptedChatClient;

namespace Weft.Agents.Tests.Docs;

public sealed class AgentSnippets : GuideSnippets
{
    [Fact]
    public async Task Conversation()
    {
        using IChatClient model = new ScriptedChatClient(Says("m1", "A loom weaves cloth."));

        // snippet: agent-chat
        var messages = Channel.Messages();
        var chat = ChatGraph.Create(model, new ChatGraphOptions { SystemPrompt = "Be brief.", Messages = messages });

        var result = await chat.RunAsync(new StateUpdate().Add(messages, "What is a loom?"));
        Console.WriteLine(result.Values.Get(messages)![^1].Text);
        // end

        Prints("agent-chat");
    }

    [Fact]
    public async Task Tools()
    {
        using IChatClient model = new ScriptedChatClient(
            Calls(("c1", "price", new() { ["item"] = "wool" }), ("c2", "price", new() { ["item"] = "silk" })), Says(null, "Silk costs more."));

        // snippet: agent-tools
        var messages = Channel.Messages();
        var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item.");
        var agent = AgentGraph.Create(model, [price], new AgentGraphOptions { Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Which costs more, wool or silk?"));
        foreach (var message in result.Values.Get(messages)!)
        {
            Console.WriteLine($"{message.Type}: {message.Text}");
        }
        // end

        Prints("agent-tools");
    }

    [Fact]
    public async Task Approval()
    {
        using IChatClient model = new ScriptedChatClient(
            Calls(("c1", "pay", new() { ["to"] = "Ann", ["euros"] = 20 }), ("c2", "pay", new() { ["to"] = "Bob", ["euros"] = 900 })), Says(null, "Ann has been paid."));

        // snippet: agent-approval
        var messages = Channel.Messages();
        var pay = AIFunctionFactory.Create((string to, int euros) => $"Paid {euros} euros to {to}.", "pay", "Pays a person.");
        var agent = AgentGraph.Create(model, [pay], new AgentGraphOptions { RequireApproval = ["pay"], Messages = messages });

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await agent.RunAsync(new StateUpdate().Add(messages, "Pay Ann and Bob."), options);
        Console.WriteLine(paused.Interrupts[0].Value.GetProperty("action_requests"));

        var answer = JsonElement.Parse("""
            {"decisions":[
              {"type":"edit","edited_action":{"name":"pay","args":{"to":"Ann","euros":15}}},
              {"type":"reject","message":"Bob has to wait."}]}
            """);
        var result = await agent.RunAsync(new Command { Resume = answer }, options);
        foreach (var message in result.Values.Get(messages)!.Where(message => message.Type == "tool"))
        {
            Console.WriteLine(message.Text);
        }
        // end

        Prints("agent-approval");
    }

    [Fact]
    public async Task State()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "note", new() { ["text"] = "buy wool" })), Says(null, "Noted."));

        // snippet: agent-state
        var notes = Channel.List<string>("notes");
        var note = AIFunctionFactory.Create(
            (string text) =>
            {
                var before = NodeContext.Current!.Get(notes)!.Count;
                return new ToolOutput($"This is note {before + 1}.", state => state.Add(notes, text));
            },
            "note",
            "Keeps a note.");
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [note], new AgentGraphOptions { Channels = [notes], Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Remember to buy wool."));
        Console.WriteLine(string.Join(", ", result.Values.Get(notes)!));
        // end

        Prints("agent-state");
    }

    [Fact]
    public async Task StructuredOutput()
    {
        using IChatClient model = new ScriptedChatClient(Says("m1", """{"item":"wool","amount":3}"""));

        // snippet: agent-structured
        var messages = Channel.Messages();
        var order = Channel.LastValue<Order>("order");
        var reader = model.StreamToGraph(new GraphChatClientOptions { Tags = [StreamTags.NoStream] });
        var graph = new StateGraph()
            .AddChannels(messages, order)
            .AddNode("read", async (context, cancellationToken) =>
            {
                var response = await reader.GetResponseAsync<Order>(context.Get(messages).ToChatMessages(), cancellationToken: cancellationToken);
                return new StateUpdate().Set(order, response.Result);
            })
            .AddEdge(StateGraph.Start, "read")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Add(messages, "Three balls of wool, please."));
        Console.WriteLine(result.Values.Get(order));
        // end

        Prints("agent-structured");
    }

    [Fact]
    public async Task SubAgents()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "ask_weaver", new() { ["question"] = "Which yarn?" })), Says(null, "Take wool."));
        using IChatClient weaverModel = new ScriptedChatClient(Says(null, "Wool, for a scarf."));

        // snippet: agent-subagent
        var inner = Channel.Messages();
        var weaver = AgentGraph.Create(weaverModel, [], new AgentGraphOptions { Name = "weaver", Messages = inner });
        var askWeaver = AIFunctionFactory.Create(
            async (string question, CancellationToken cancellationToken) =>
            {
                var state = await NodeContext.Current!.RunAsync(weaver, new StateUpdate().Add(inner, question), cancellationToken: cancellationToken);
                return state.Get(inner)![^1].Text;
            },
            "ask_weaver",
            "Asks an expert for weaving.");
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [askWeaver], new AgentGraphOptions { Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "I want to make a scarf."));
        Console.WriteLine(result.Values.Get(messages)![2].Text);
        // end

        Prints("agent-subagent");
    }

    [Fact]
    public async Task Errors()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "stock", [])), Says(null, "The shop is closed."));

        // snippet: agent-errors
        var stock = AIFunctionFactory.Create(string () => throw new TimeoutException("shop.example.org:5432"), "stock", "Returns the stock.");
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [stock], new AgentGraphOptions
        {
            Messages = messages,
            DescribeError = error => error is TimeoutException ? "Error: the shop does not answer." : "Error: the tool failed.",
        });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "What is left?"));
        Console.WriteLine(result.Values.Get(messages)![2].Text);
        // end

        Prints("agent-errors");
    }

    private sealed record Order(string Item, int Amount);
}
