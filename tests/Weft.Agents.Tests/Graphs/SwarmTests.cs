using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class SwarmTests
{
    private readonly MessagesChannel _messages = Channel.Messages();
    private readonly ListChannel<string> _log = Channel.List<string>("log");

    [Fact]
    public async Task The_next_message_goes_to_the_agent_that_was_active_last()
    {
        using var front = new ScriptedChatClient(Calls(("1", "transfer_to_weaver", [])), Says(null, "Welcome back."));
        using var weaver = new ScriptedChatClient(Says(null, "Take wool."), Calls(("2", "transfer_to_front", [])));
        var thread = new ThreadUnderTest(AgentGraph.Swarm(
        [
            new AgentMember("front", Agent(front, Handoff.To("weaver"))), new AgentMember("weaver", Agent(weaver, Handoff.To("front"))),
        ]));

        await thread.SayAsync("Which yarn?");
        thread.Values.Text("active_agent").ShouldBe("weaver");
        thread.Messages[^1].Content().ShouldBe("Take wool.");

        await thread.SayAsync("I want to pay.");

        thread.Values.Text("active_agent").ShouldBe("front");
        thread.Messages.Select(message => $"{message.Text("type")} {message.Content()}").ShouldBe(
        [
            "human Which yarn?", "ai ", "tool The conversation is now with weaver.", "ai Take wool.",
            "human I want to pay.", "ai ", "tool The conversation is now with front.", "ai Welcome back.",
        ]);
        front.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Of_several_members_that_are_handed_to_at_once_the_first_goes_on()
    {
        using var front = new ScriptedChatClient(Calls(("1", "transfer_to_weaver", []), ("2", "transfer_to_dyer", [])));
        using var weaver = new ScriptedChatClient(Says(null, "Take wool."));
        using var dyer = new ScriptedChatClient();
        var thread = new ThreadUnderTest(AgentGraph.Swarm(
        [
            new AgentMember("front", Agent(front, Handoff.To("weaver"), Handoff.To("dyer"))),
            new AgentMember("weaver", Agent(weaver)),
            new AgentMember("dyer", Agent(dyer)),
        ]));

        await thread.SayAsync("Which yarn, and which colour?");

        thread.Values.Text("active_agent").ShouldBe("weaver");
        thread.Messages[^1].Content().ShouldBe("Take wool.");
        dyer.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_swarm_starts_where_it_says_and_shares_channels()
    {
        var active = Channel.LastValue<string>(AgentGraph.ActiveAgentChannel);
        var note = AgentTool.Create(() => new ToolOutput("Noted.", state => state.Add(_log, "noted")), "note");
        var leave = AgentTool.Create(
            () => new Command { Update = new StateUpdate().Add(_log, "left").Set(active, "front"), Goto = ["front"], ToParent = true },
            "leave");
        using var front = new ScriptedChatClient(Calls(("3", "note", [])), Says(null, "Hello."));
        using var weaver = new ScriptedChatClient(Calls(("1", "note", [])), Calls(("2", "leave", [])));
        var swarm = AgentGraph.Swarm(
            [new AgentMember("front", Agent(front, note)), new AgentMember("weaver", Agent(weaver, note, leave))],
            new SwarmOptions { First = "weaver", Channels = [_log], Name = "shop" });
        var thread = new ThreadUnderTest(swarm);

        await thread.SayAsync("go");

        swarm.Name.ShouldBe("shop");
        swarm.Subgraphs().Select(subgraph => subgraph.Namespace).ShouldBe(["front", "weaver"]);
        thread.Values.GetProperty("log").GetRawText().ShouldBe("""["noted","left","noted"]""");
        thread.Values.Text("active_agent").ShouldBe("front");
    }

    [Fact]
    public async Task A_new_message_instead_of_an_answer_goes_to_the_agent_that_asked()
    {
        var pay = new ApprovalRequiredAIFunction(AgentTool.Create(() => "paid", "pay"));
        using var front = new ScriptedChatClient(Calls(("1", "transfer_to_bank", [])));
        using var bank = new ScriptedChatClient(Calls(("2", "pay", [])), Says(null, "Not paid."));
        var thread = new ThreadUnderTest(AgentGraph.Swarm(
            [new AgentMember("front", Agent(front, Handoff.To("bank"))), new AgentMember("bank", Agent(bank, pay))]));

        await thread.SayAsync("Pay.");
        thread.IsPaused.ShouldBeTrue();
        await thread.SayAsync("No, stop.");

        thread.Messages[^1].Content().ShouldBe("Not paid.");
        front.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public void A_swarm_needs_members_with_messages_and_names()
    {
        using var client = new ScriptedChatClient();
        var agent = Agent(client);
        var other = AgentGraph.Create(client, [], new AgentGraphOptions { Messages = Channel.Messages("talk") });

        Should.Throw<ArgumentException>(() => AgentGraph.Swarm([]));
        Should.Throw<ArgumentException>(() => AgentGraph.Swarm([new("a", agent), new("a", agent)])).Message
            .ShouldStartWith("Two members are named 'a'; rename one of them.");
        Should.Throw<ArgumentException>(() => AgentGraph.Swarm([new("a", other)])).Message
            .ShouldStartWith("The member 'a' has no channel of messages with the name 'messages'.");
        Should.Throw<ArgumentException>(() => AgentGraph.Swarm([new("a", agent)], new SwarmOptions { First = "b" })).Message
            .ShouldStartWith("'b' gets the first message, but no member has this name; there are a.");
    }

    private CompiledGraph Agent(IChatClient client, params AITool[] tools) =>
        AgentGraph.Create(client, tools, new AgentGraphOptions { Messages = _messages, Channels = [_log] });
}
