using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

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
        var note = AgentTool.Create(
            (string text, NodeContext context) =>
                new ToolOutput($"This is note {context.Get(notes).Count + 1}.", state => state.Add(notes, text)),
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
        var order = AgentAnswer.Of<Order>();
        var agent = AgentGraph.Create(model, [], new AgentGraphOptions { Answer = order, Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Three balls of wool, please."));
        Console.WriteLine(result.Values.Get(order.Channel));
        // end

        Prints("agent-structured");
    }

    [Fact]
    public async Task SubAgents()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "ask_weaver", new() { ["request"] = "Which yarn?" })), Says(null, "Take wool."));
        using IChatClient weaverModel = new ScriptedChatClient(Says(null, "Wool, for a scarf."));

        // snippet: agent-subagent
        var weaver = AgentGraph.Create(weaverModel, [], new AgentGraphOptions { Name = "weaver" });
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(
            model, [weaver.AsTool("ask_weaver", "Asks an expert for weaving.")], new AgentGraphOptions { Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "I want to make a scarf."));
        Console.WriteLine(result.Values.Get(messages)![2].Text);
        // end

        Prints("agent-subagent");
    }

    [Fact]
    public async Task Artifacts()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "search", new() { ["text"] = "wool" })), Says(null, "Two kinds."));

        // snippet: agent-artifact
        var search = AgentTool.Create(
            (string text) => ToolOutput.WithArtifact("There are 2 results.", new { Hits = new[] { "merino", "mohair" } }), "search");
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [search], new AgentGraphOptions { Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Which wool is there?"));
        Console.WriteLine(result.Values.Get(messages)![2].Json.GetProperty("artifact"));
        // end

        Prints("agent-artifact");
    }

    [Fact]
    public async Task Hooks()
    {
        using IChatClient model = new ScriptedChatClient();

        // snippet: agent-hooks
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [], new AgentGraphOptions
        {
            Messages = messages,
            BeforeModel = (context, cancellationToken) =>
            {
                if (!context.Get(messages)[^1].Text.Contains("password"))
                {
                    return new(StateUpdate.None);
                }

                var refusal = new StateUpdate().Add(messages, Message.Ai("Never tell me a password."));
                return new(new Command { Update = refusal, Goto = [StateGraph.End] });
            },
        });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "My password is 1234."));
        Console.WriteLine(result.Values.Get(messages)![^1].Text);
        // end

        Prints("agent-hooks");
    }

    [Fact]
    public async Task Histories()
    {
        using IChatClient model = new ScriptedChatClient(Says(null, "It is."));
        using IChatClient smallModel = new ScriptedChatClient(Says(null, "They talked about looms."));

        // snippet: agent-history
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [], new AgentGraphOptions
        {
            Messages = messages,
            View = HistoryView.Last(20),
            Summary = new SummaryOptions { TokensMax = 200, TokensKept = 50, Client = smallModel },
        });
        // end

        var thread = new InMemoryCheckpointer();
        var long1 = Message.Human(new string('x', 1000));
        var result = await agent.RunAsync(
            new StateUpdate().Add(messages, long1, Message.Human("Is it wide?")), new GraphRunOptions { Checkpointer = thread });
        ((ScriptedChatClient)model).Calls[0].Messages.Select(message => message.Role.Value).ShouldBe(["user", "user"]);
        result.Values.Get(messages)!.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Supervisors()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "transfer_to_weaver", [])), Says(null, "A scarf of wool."));
        using IChatClient weaverModel = new ScriptedChatClient(Says(null, "Take wool."));
        using IChatClient dyerModel = new ScriptedChatClient();

        // snippet: agent-supervisor
        var messages = Channel.Messages();
        var weaver = AgentGraph.Create(weaverModel, [], new AgentGraphOptions { SystemPrompt = "You know yarns." });
        var dyer = AgentGraph.Create(dyerModel, [], new AgentGraphOptions { SystemPrompt = "You know colours." });
        var team = AgentGraph.Supervisor(
            model,
            [new AgentMember("weaver", weaver, "For questions about yarns."), new AgentMember("dyer", dyer, "For questions about colours.")],
            options: new AgentGraphOptions { Messages = messages });

        var result = await team.RunAsync(new StateUpdate().Add(messages, "What can I make?"));
        foreach (var message in result.Values.Get(messages)!)
        {
            Console.WriteLine($"{message.Type}: {message.Text}");
        }
        // end

        Prints("agent-supervisor");
    }

    [Fact]
    public async Task Handoffs()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "transfer_to_weaver", [])));
        using IChatClient weaverModel = new ScriptedChatClient(Says(null, "Take wool."));

        // snippet: agent-handoff
        var messages = Channel.Messages();
        var front = AgentGraph.Create(model, [Handoff.To("weaver")], new AgentGraphOptions { Messages = messages });
        var weaver = AgentGraph.Create(weaverModel, [Handoff.To("front")], new AgentGraphOptions { Messages = messages });
        var desk = new StateGraph()
            .AddChannel(messages)
            .AddNode("front", front, new NodeOptions { Destinations = ["weaver"] })
            .AddNode("weaver", weaver, new NodeOptions { Destinations = ["front"] })
            .AddEdge(StateGraph.Start, "front")
            .Compile();

        var result = await desk.RunAsync(new StateUpdate().Add(messages, "Which yarn?"));
        Console.WriteLine(result.Values.Get(messages)![^1].Text);
        // end

        Prints("agent-handoff");
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
