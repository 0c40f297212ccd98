using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class HandoffTests
{
    private readonly TrackedTools _tools = new();
    private readonly MessagesChannel _messages = Channel.Messages();
    private readonly LastValueChannel<string> _note = Channel.LastValue("note", "none");

    [Fact]
    public async Task An_agent_hands_the_conversation_to_another_one()
    {
        using var front = new ScriptedChatClient(Calls(("1", "transfer_to_weaver", [])));
        using var weaver = new ScriptedChatClient(Says(null, "Take wool."));
        var thread = new ThreadUnderTest(Team(
            Agent(front, Handoff.To("weaver", "For questions about weaving.")), Agent(weaver, Handoff.To("front"))));

        await thread.SayAsync("Which yarn?");

        thread.Messages.Select(message => $"{message.Text("type")} {message.Content()}")
            .ShouldBe(["human Which yarn?", "ai ", "tool The conversation is now with weaver.", "ai Take wool."]);
        weaver.Calls.ShouldHaveSingleItem().Messages.Count.ShouldBe(3);
        front.Calls[0].Options!.Tools!.ShouldHaveSingleItem().Description.ShouldBe("For questions about weaving.");
    }

    [Fact]
    public async Task A_long_name_is_cut_and_stays_unique()
    {
        var first = new string('a', 52) + "1";
        var second = new string('a', 52) + "2";
        string[] names = [Handoff.To(first).Name, Handoff.To(second).Name, Handoff.To(new string('a', 52)).Name];
        names.ShouldAllBe(name => name.Length == 64);
        names.ShouldBeUnique();
        Handoff.To(first).Name.ShouldBe(names[0]);

        using var front = new ScriptedChatClient(Calls(("1", names[0], [])));
        using var other = new ScriptedChatClient(Says(null, "Take wool."));
        var desk = new StateGraph()
            .AddChannels(_messages, _note)
            .AddNode("front", Agent(front, Handoff.To(first)), new NodeOptions { Destinations = [first] })
            .AddNode(first, Agent(other))
            .AddEdge(StateGraph.Start, "front")
            .Compile();
        var thread = new ThreadUnderTest(desk);

        await thread.SayAsync("Which yarn?");

        thread.Messages[^1].Content().ShouldBe("Take wool.");
    }

    [Fact]
    public async Task Other_calls_of_the_message_are_made_first_and_what_they_write_is_kept()
    {
        var note = AgentTool.Create((string text) => new ToolOutput("Noted.", state => state.Set(_note, text)), "note");
        using var front = new ScriptedChatClient(
            Calls(("1", "note", new() { ["text"] = "a" })),
            Calls(("2", "transfer_to_weaver", []), ("3", "note", new() { ["text"] = "b" })));
        using var weaver = new ScriptedChatClient(Says(null, "Take wool."));
        var thread = new ThreadUnderTest(Team(Agent(front, note, Handoff.To("weaver")), Agent(weaver)));

        await thread.SayAsync("Which yarn?");

        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai", "tool", "tool", "ai"]);
        thread.Messages[4].Text("tool_call_id").ShouldBe("2");
        thread.Messages[5].Content().ShouldBe("Noted.");
        thread.Values.Text("note").ShouldBe("b");
    }

    [Fact]
    public async Task A_handoff_may_need_approval_and_a_refusal_keeps_the_agent()
    {
        using var front = new ScriptedChatClient(
            Calls(("1", "transfer_to_weaver", []), ("2", "look", [])), Says(null, "Then I do it."));
        using var weaver = new ScriptedChatClient();
        var handoff = new ApprovalRequiredAIFunction(Handoff.To("weaver"));
        var thread = new ThreadUnderTest(Team(Agent(front, handoff, _tools.Create("look")), Agent(weaver)));

        await thread.SayAsync("Which yarn?");
        thread.IsPaused.ShouldBeTrue();
        await thread.AnswerAsync("false");

        thread.Messages[^1].Content().ShouldBe("Then I do it.");
        _tools.Ran.ShouldBe(["look:"]);
        weaver.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_handoff_without_a_graph_around_the_agent_is_an_error()
    {
        using var front = new ScriptedChatClient(Calls(("1", "transfer_to_weaver", [])));
        var thread = new ThreadUnderTest(Agent(front, Handoff.To("weaver")));

        (await Should.ThrowAsync<NodeFailedException>(() => thread.SayAsync("go"))).Message.ShouldContain("ToParent");
    }

    [Fact]
    public async Task A_supervisor_leads_members_until_it_answers()
    {
        using var lead = new ScriptedChatClient(
            Calls(("1", "transfer_to_weaver", [])), Calls(("2", "transfer_to_dyer", [])), Says(null, "Red wool."));
        using var weaver = new ScriptedChatClient(Calls(("3", "look", [])), Says(null, "Wool."));
        using var dyer = new ScriptedChatClient(Says(null, "Red."));
        var graph = AgentGraph.Supervisor(
            lead,
            [
                new AgentMember("weaver", AgentGraph.Create(weaver, [_tools.Create("look")]), "Knows yarns."),
                new AgentMember("dyer", AgentGraph.Create(dyer, []), "Knows colours."),
            ],
            options: new AgentGraphOptions { SystemPrompt = "Lead.", Name = "shop" });
        var thread = new ThreadUnderTest(graph);

        await thread.SayAsync("What scarf?");

        graph.Name.ShouldBe("shop");
        thread.Messages[^1].Content().ShouldBe("Red wool.");
        thread.Messages.Where(message => message.Text("type") == "tool").Select(message => message.Content()).ShouldBe(
            [
                "The conversation is now with weaver.", "ok", "weaver is done.",
                "The conversation is now with dyer.", "dyer is done.",
            ]);
        lead.Calls[2].Messages[^1].Role.ShouldBe(ChatRole.Tool);
        lead.Calls[0].Messages[0].Text.ShouldBe("Lead.");
        weaver.Calls[0].Messages[0].Text.ShouldBe("What scarf?");
        graph.Subgraphs().Select(subgraph => subgraph.Namespace).ShouldBe(["supervisor", "weaver", "dyer"]);
    }

    [Fact]
    public async Task A_list_of_the_supervisor_has_each_item_once()
    {
        var notes = Channel.List<string>("notes");
        var note = AgentTool.Create((string text) => new ToolOutput("Noted.", state => state.Add(notes, text)), "note");
        using var lead = new ScriptedChatClient(
            Calls(("1", "note", new() { ["text"] = "a" })),
            Calls(("2", "note", new() { ["text"] = "b" }), ("3", "transfer_to_weaver", [])),
            Calls(("4", "note", new() { ["text"] = "c" })),
            Says(null, "Done."));
        using var weaver = new ScriptedChatClient(Says(null, "Wool."));
        var graph = AgentGraph.Supervisor(
            lead, [new AgentMember("weaver", AgentGraph.Create(weaver, []), "Knows yarns.")], [note], new AgentGraphOptions { Channels = [notes] });
        var thread = new ThreadUnderTest(graph);

        await thread.SayAsync("go");

        thread.Values.GetProperty("notes").GetRawText().ShouldBe("""["a","b","c"]""");
    }

    [Fact]
    public async Task Members_run_at_the_same_time_and_may_hand_over_to_each_other_and_ask_a_person()
    {
        using var lead = new ScriptedChatClient(
            Calls(("1", "transfer_to_weaver", []), ("2", "transfer_to_dyer", [])), Says(null, "Done."), Says(null, "Done."));
        using var weaver = new ScriptedChatClient(Calls(("3", "look", [])), Says(null, "Wool."));
        using var dyer = new ScriptedChatClient(Calls(("4", "transfer_to_seller", [])));
        using var seller = new ScriptedChatClient(Says(null, "Sold."));
        var look = new ApprovalRequiredAIFunction(_tools.Create("look"));
        var thread = new ThreadUnderTest(AgentGraph.Supervisor(
            lead,
            [
                new AgentMember("weaver", AgentGraph.Create(weaver, [look]), "Knows yarns."),
                new AgentMember("dyer", AgentGraph.Create(dyer, [Handoff.To("seller")]), "Knows colours."),
                new AgentMember("seller", AgentGraph.Create(seller, []), "Sells."),
            ]));

        await thread.SayAsync("A scarf.");
        thread.Interrupt.GetProperty("action_requests")[0].Text("name").ShouldBe("look");
        await thread.AnswerAsync("true");

        thread.IsPaused.ShouldBeFalse();
        var said = thread.Messages.Select(message => message.Content()).ToList();
        said.ShouldContain("Wool.");
        said.ShouldContain("Sold.");
        said.Count(text => text == "weaver is done.").ShouldBe(1);
        thread.Messages.Select(message => message.Text("id")).ShouldBeUnique();
        _tools.Ran.ShouldBe(["look:"]);
    }

    [Fact]
    public void A_supervisor_needs_members_that_have_messages()
    {
        using var client = new ScriptedChatClient();
        var agent = AgentGraph.Create(client, []);
        var other = AgentGraph.Create(client, [], new AgentGraphOptions { Messages = Channel.Messages("talk") });

        Should.Throw<ArgumentException>(() => AgentGraph.Supervisor(client, []));
        Should.Throw<ArgumentException>(() => AgentGraph.Supervisor(client, [new("a", agent, ""), new("a", agent, "")]));
        Should.Throw<ArgumentException>(() => AgentGraph.Supervisor(client, [new("a", other, "")])).Message
            .ShouldStartWith("The member 'a' has no channel of messages with the name 'messages'.");
    }

    private CompiledGraph Agent(IChatClient client, params AITool[] tools) =>
        AgentGraph.Create(client, tools, new AgentGraphOptions { Messages = _messages, Channels = [_note] });

    private CompiledGraph Team(CompiledGraph front, CompiledGraph weaver) => new StateGraph()
        .AddChannels(_messages, _note)
        .AddNode("front", front, new NodeOptions { Destinations = ["weaver"] })
        .AddNode("weaver", weaver, new NodeOptions { Destinations = ["front"] })
        .AddEdge(StateGraph.Start, "front")
        .Compile();
}
