using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

/// <summary>Instructions from the state, and the graph of an agent.</summary>
public sealed class AgentOptionsTests
{
    private readonly TrackedTools _tools = new();
    private readonly MessagesChannel _messages = Channel.Messages();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instructions_are_made_of_the_state_and_the_run_for_each_call()
    {
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Fertig."));
        var agent = AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Messages = _messages,
            Prompt = async (context, stop) =>
            {
                var user = await context.Store.FindValueAsync<User>(["users"], context.GetConfigurable("user")!, cancellationToken: stop);
                return context.Get(_messages).Count > 1 ? null : $"Answer {user!.Name} in {context.GetContext<Settings>().Language}.";
            },
        });
        var store = new InMemoryStore();
        await store.PutAsync(["users"], "u1", new User("Ada"), cancellationToken: Stop);

        await agent.RunAsync(
            new StateUpdate().Add(_messages, "go"),
            new GraphRunOptions
            {
                Store = store,
                Context = JsonElement.Parse("""{"language":"German"}"""),
                Configurable = JsonElement.Parse("""{"user":"u1"}"""),
            },
            Stop);

        client.Calls[0].Messages.Select(message => message.Role).ShouldBe([ChatRole.System, ChatRole.User]);
        client.Calls[0].Messages[0].Text.ShouldBe("Answer Ada in German.");
        client.Calls[1].Messages[0].Role.ShouldBe(ChatRole.User);
    }

    [Fact]
    public async Task The_model_is_chosen_for_each_call_and_streams()
    {
        using var small = new ScriptedChatClient(Calls(("1", "look", [])));
        using var large = new ScriptedChatClient(Says(null, "It is wool."));
        var agent = AgentGraph.Create(small, [_tools.Create("look")], new AgentGraphOptions
        {
            Messages = _messages,
            SystemPrompt = "Be brief.",
            Model = (context, _) => new(context.Get(_messages).Count > 1 ? large : small),
        });

        var streamed = new List<StreamPart>();
        await foreach (var part in agent.StreamAsync(
            new StateUpdate().Add(_messages, "go"), new GraphRunOptions { Modes = StreamMode.MessagesTuple }, Stop))
        {
            streamed.Add(part);
        }

        small.Calls.Count.ShouldBe(1);
        var call = large.Calls.ShouldHaveSingleItem();
        call.Messages[0].Text.ShouldBe("Be brief.");
        call.Options!.Tools!.ShouldHaveSingleItem().Name.ShouldBe("look");
        // The call, its result and the answer.
        streamed.OfType<MessageChunkPart>().Select(part => part.Message.Id).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void Instructions_are_given_once()
    {
        using var client = new ScriptedChatClient();
        var options = new AgentGraphOptions { SystemPrompt = "Be brief.", Prompt = (_, _) => new("Be long.") };

        Should.Throw<ArgumentException>(() => AgentGraph.Create(client, [], options)).Message
            .ShouldStartWith("SystemPrompt and Prompt are both given.");
    }

    [Fact]
    public async Task An_agent_that_keeps_its_state_remembers_its_part_of_a_conversation()
    {
        using var client = new ScriptedChatClient(Says(null, "Wool."), Says(null, "As I said."));
        var inner = Channel.Messages("inner");
        var agent = AgentGraph.Create(client, [], new AgentGraphOptions
        {
            Name = "weaver",
            Messages = inner,
            Compile = new CompileOptions { Name = "other", Persistence = SubgraphPersistence.PerThread },
        });
        var thread = new ThreadUnderTest(new StateGraph()
            .AddChannel(_messages)
            .AddNode(
                "ask",
                async (context, stop) =>
                {
                    var values = await context.RunAsync(agent, new StateUpdate().Add(inner, context.Get(_messages)[^1].Text), stop);
                    return new StateUpdate().Add(_messages, Message.Ai(values.Get(inner)[^1].Text));
                },
                new NodeOptions { Subgraphs = [agent] })
            .AddEdge(StateGraph.Start, "ask")
            .Compile());

        await thread.SayAsync("Which yarn?");
        await thread.SayAsync("Really?");

        agent.Name.ShouldBe("weaver");
        client.Calls[1].Messages.Select(message => message.Text).ShouldBe(["Which yarn?", "Wool.", "Really?"]);
    }

    [Fact]
    public async Task An_agent_pauses_at_breakpoints_and_decorators_run_around_its_nodes()
    {
        var ran = new List<string>();
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Compile = new CompileOptions { InterruptBefore = NodeSelection.Of(AgentGraph.ToolsNode) },
            Use = [Note("outer"), Note("inner")],
        }));

        await thread.SayAsync("go");
        _tools.Ran.ShouldBeEmpty();
        thread.Messages[^1].Text("type").ShouldBe("ai");
        await thread.AnswerAsync("null");

        thread.Messages[^1].Content().ShouldBe("Done.");
        ran.ShouldBe(["outer agent", "inner agent", "outer tools", "inner tools", "outer agent", "inner agent"]);

        NodeDecorator Note(string name) => (context, next, stop) =>
        {
            ran.Add($"{name} {context.Node}");
            return next(context, stop);
        };
    }

    [Fact]
    public async Task The_compile_options_of_a_supervisor_are_those_of_the_whole_team()
    {
        using var lead = new ScriptedChatClient(Calls(("1", "transfer_to_weaver", [])), Says(null, "Done."));
        using var weaver = new ScriptedChatClient(Says(null, "Wool."));
        var thread = new ThreadUnderTest(AgentGraph.Supervisor(
            lead,
            [new AgentMember("weaver", AgentGraph.Create(weaver, []))],
            options: new AgentGraphOptions { Compile = new CompileOptions { InterruptBefore = NodeSelection.Of("weaver") } }));

        await thread.SayAsync("go");
        weaver.Calls.ShouldBeEmpty();
        await thread.AnswerAsync("null");

        thread.Messages[^1].Content().ShouldBe("Done.");
    }

    private sealed record User(string Name);

    private sealed record Settings(string Language);
}
