using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
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
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
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
        foreach (var message in result.Values.Get(messages))
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
        foreach (var message in result.Values.Get(messages).Where(message => message.Type == "tool"))
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
        Console.WriteLine(string.Join(", ", result.Values.Get(notes)));
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
        Console.WriteLine(result.Values.Get(messages)[2].Text);
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
        Console.WriteLine(result.Values.Get(messages)[2].Json.GetProperty("artifact"));
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
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
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
        result.Values.Get(messages).Count.ShouldBe(3);
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
        foreach (var message in result.Values.Get(messages))
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
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
        // end

        Prints("agent-handoff");
    }

    [Fact]
    public async Task Services()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "left", new() { ["yarn"] = "silk" })), Says(null, "Yes, 7 balls."));
        using var services = new ServiceCollection().AddScoped<Stock>().BuildServiceProvider();

        // snippet: agent-services
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, AgentTool.CreateAll<YarnTools>(), new AgentGraphOptions { Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Is there silk?"), new GraphRunOptions { Services = services });
        Console.WriteLine(result.Values.Get(messages)![2].Text);
        // end

        Prints("agent-services");
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
        Console.WriteLine(result.Values.Get(messages)[2].Text);
        // end

        Prints("agent-errors");
    }

    [Fact]
    public async Task EndOfTurn()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "order", new() { ["item"] = "wool" })));

        // snippet: agent-end
        var messages = Channel.Messages();
        var order = AgentTool.Create(
            (string item) => new ToolOutput($"Ordered: {item}.") { Goto = [StateGraph.End] }, "order", "Orders an item.");
        var agent = AgentGraph.Create(model, [order], new AgentGraphOptions { Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Wool, please."));
        Console.WriteLine(result.Values.Get(messages)[^1]);
        // end

        Prints("agent-end");
    }

    [Fact]
    public async Task Commands()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "complain", new() { ["about"] = "grey wool" })));

        // snippet: agent-command
        var messages = Channel.Messages();
        var topic = Channel.LastValue<string>("topic");
        var complain = AgentTool.Create(
            (string about) => new Command { Update = new StateUpdate().Set(topic, about), Goto = ["clerk"], ToParent = true }, "complain");
        var agent = AgentGraph.Create(model, [complain], new AgentGraphOptions { Messages = messages });
        var desk = new StateGraph()
            .AddChannels(messages, topic)
            .AddNode("agent", agent, new NodeOptions { Destinations = ["clerk"] })
            .AddNode("clerk", context => new StateUpdate().Add(messages, Message.Ai($"I look into {context.Get(topic)}.")))
            .AddEdge(StateGraph.Start, "agent")
            .Compile();

        var result = await desk.RunAsync(new StateUpdate().Add(messages, "The wool is grey."));
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
        // end

        Prints("agent-command");
    }

    [Fact]
    public async Task Prompt()
    {
        using var model = new ScriptedChatClient(Says(null, "Hallo."));

        // snippet: agent-prompt
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, [], new AgentGraphOptions
        {
            Messages = messages,
            Prompt = async (context, cancellationToken) =>
            {
                var id = context.GetConfigurable("user")!;
                var user = await context.Store.FindValueAsync<Customer>(["users"], id, cancellationToken: cancellationToken);
                return $"You talk to {user!.Name}. Answer in {context.GetContext<Settings>().Language}.";
            },
        });
        // end

        var store = new InMemoryStore();
        await store.PutAsync(["users"], "u1", new Customer("Ada"));
        var options = new GraphRunOptions
        {
            Store = store,
            Context = JsonElement.Parse("""{"language":"German"}"""),
            Configurable = JsonElement.Parse("""{"user":"u1"}"""),
        };
        await agent.RunAsync(new StateUpdate().Add(messages, "Hello"), options);
        model.Calls[0].Messages[0].Text.ShouldBe("You talk to Ada. Answer in German.");
    }

    [Fact]
    public async Task Model()
    {
        using var small = new ScriptedChatClient(Says(null, "Hallo."));
        using var large = new ScriptedChatClient(Says(null, "Hallo again."));

        // snippet: agent-model
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(small, [], new AgentGraphOptions
        {
            Messages = messages,
            Model = (context, _) => new(context.Get(messages).Count > 10 ? large : small),
        });
        // end

        await agent.RunAsync(new StateUpdate().Add(messages, "Hello"));
        small.Calls.Count.ShouldBe(1);
        large.Calls.ShouldBeEmpty();

        await agent.RunAsync(new StateUpdate().Add(messages, [.. Enumerable.Range(1, 11).Select(i => Message.Human($"Hello {i}"))]));
        (small.Calls.Count, large.Calls.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Compiled()
    {
        using IChatClient model = new ScriptedChatClient(Says(null, "Hello."));
        var price = AIFunctionFactory.Create(() => 20, "price");

        // snippet: agent-compile
        var agent = AgentGraph.Create(model, [price], new AgentGraphOptions
        {
            Name = "shop",
            Compile = new CompileOptions { Persistence = SubgraphPersistence.PerThread, InterruptBefore = NodeSelection.Of(AgentGraph.ToolsNode) },
            Use =
            [
                async (context, next, cancellationToken) =>
                {
                    Console.WriteLine($"{context.Node} begins");
                    return await next(context, cancellationToken);
                },
            ],
        });
        // end

        agent.Name.ShouldBe("shop");
        await agent.RunAsync(GraphInput.FromJson(JsonElement.Parse("""{"messages":"Hello"}""")));
        Console.Lines.ShouldBe(["agent begins"]);
    }

    [Fact]
    public async Task Loop()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "price", [])), Says(null, "20 euros."));
        var price = AIFunctionFactory.Create(() => 20, "price");

        // snippet: agent-loop
        var messages = Channel.Messages();
        var tools = new ToolNode([price], new AgentGraphOptions { Messages = messages });
        var chatOptions = new ChatOptions { Tools = [price] };
        var loop = new StateGraph()
            .AddChannel(messages)
            .AddNode(
                "model",
                async (context, cancellationToken) => new StateUpdate().Add(
                    messages, await model.GetMessagesAsync(context.Get(messages), chatOptions, cancellationToken)))
            .AddTools(tools)
            .AddEdge(StateGraph.Start, "model")
            .AddConditionalEdges("model", tools.Next, [tools.Name, StateGraph.End])
            .AddEdge(tools.Name, "model")
            .Compile();

        var result = await loop.RunAsync(new StateUpdate().Add(messages, "What does wool cost?"));
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
        // end

        Prints("agent-loop");
    }

    [Fact]
    public async Task Swarm()
    {
        using IChatClient model = new ScriptedChatClient(Calls(("c1", "transfer_to_weaver", [])));
        using IChatClient weaverModel = new ScriptedChatClient(Says(null, "Take wool."), Says(null, "Three balls."));

        // snippet: agent-swarm
        var messages = Channel.Messages();
        var front = AgentGraph.Create(model, [Handoff.To("weaver")]);
        var weaver = AgentGraph.Create(weaverModel, [Handoff.To("front")]);
        var swarm = AgentGraph.Swarm(
            [new AgentMember("front", front), new AgentMember("weaver", weaver)], new SwarmOptions { Messages = messages });

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await swarm.RunAsync(new StateUpdate().Add(messages, "Which yarn?"), thread);
        var result = await swarm.RunAsync(new StateUpdate().Add(messages, "How much?"), thread);
        foreach (var message in result.Values.Get(messages).Where(message => message.Text.Length > 0))
        {
            Console.WriteLine($"{message.Type}: {message.Text}");
        }
        // end

        Prints("agent-swarm");
    }

    private sealed record Order(string Item, int Amount);

    private sealed record Customer(string Name);

    private sealed record Settings(string Language);

    // snippet: agent-class
    public sealed class YarnTools(Stock stock)
    {
        [DisplayName("left"), Description("Returns how many balls are left.")]
        public Task<int> LeftAsync(string yarn, CancellationToken cancellationToken) => stock.CountAsync(yarn, cancellationToken);

        [DisplayName("reserve"), Description("Reserves balls for the customer.")]
        public Task<string> ReserveAsync(string yarn, int balls, NodeContext context) => stock.ReserveAsync(yarn, balls, context.Actor);
    }
    // end

    public sealed class Stock
    {
        private readonly Dictionary<string, int> _left = new() { ["silk"] = 7 };

        public Task<int> CountAsync(string yarn, CancellationToken cancellationToken) => Task.FromResult(_left.GetValueOrDefault(yarn));

        public Task<string> ReserveAsync(string yarn, int balls, string? customer)
        {
            _left[yarn] -= balls;
            return Task.FromResult($"{balls} {yarn} for {customer}");
        }
    }
}
