using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Server.Tests;
using Weft.Server.Tests.Recovery;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

/// <summary>What tools of served agents write and where they lead, on a server with a database that is started again.</summary>
public sealed class SteeringOverHttpTests
{
    private readonly MessagesChannel _messages = Channel.Messages();
    private readonly ListChannel<string> _notes = Channel.List<string>("notes");

    [Fact]
    public async Task A_tool_writes_state_and_store_streams_progress_and_ends_the_turn_and_all_is_there_after_a_restart()
    {
        var note = AgentTool.Create(
            async (string text, NodeContext context, ToolCall call, CancellationToken stop) =>
            {
                await context.Store.PutAsync(["notes"], "last", new { text }, cancellationToken: stop);
                context.Write(new { noted = text });
                return new Command
                {
                    Update = new StateUpdate().Add(_notes, text).Add(_messages, Message.Tool($"Noted {text}.", call.Id!)),
                    Goto = [StateGraph.End],
                };
            },
            "note");
        using var folder = new TempFolder();
        using var client = new ScriptedChatClient(Calls(("1", "note", new() { ["text"] = "wool" })), Says(null, "Wool."));
        void Add(WeftBuilder weft) => weft.AddAgent(
            "agent", client, [note], options: new AgentGraphOptions { Messages = _messages, Channels = [_notes] });
        string thread;
        await using (var first = await AgentServer.StartAsync(Add, folder: folder.Path))
        {
            thread = await first.Api.NewThreadAsync();
            using var stream = await first.Api.StreamAsync(
                $"/threads/{thread}/runs/stream",
                """{"assistant_id":"agent","input":{"messages":"Remember wool."},"stream_mode":["custom","updates","values"]}""");
            var frames = await stream.ToEndAsync();

            frames.Single(frame => frame.Event == "custom").Json.GetRawText().ShouldBeJson("""{"noted":"wool"}""");
            frames.Where(frame => frame.Event == "updates").Select(frame => frame.Json.EnumerateObject().Single().Name)
                .ShouldBe(["agent", "tools"]);
            frames.Last(frame => frame.Event == "values").Json.GetProperty("notes").GetRawText().ShouldBe("""["wool"]""");
        }

        await using var second = await AgentServer.StartAsync(Add, folder: folder.Path);

        var state = (await second.Api.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        state.GetProperty("next").GetArrayLength().ShouldBe(0);
        state.GetProperty("values").GetProperty("notes").GetRawText().ShouldBe("""["wool"]""");
        Said(state.GetProperty("values")).ShouldBe(["human Remember wool.", "ai ", "tool Noted wool."]);
        (await second.Api.GetAsync("/store/items?namespace=notes&key=last")).ShouldBeOk().Json.GetProperty("value").Text("text")
            .ShouldBe("wool");
        Said((await second.SayAsync(thread, "agent", "Which?")).ShouldBeOk().Json)[^1].ShouldBe("ai Wool.");
    }

    [Fact]
    public async Task A_pause_of_one_call_keeps_where_another_one_leads_over_a_restart()
    {
        var ran = new List<string>();
        var end = AgentTool.Create(
            () =>
            {
                ran.Add("end");
                return new ToolOutput("42") { Goto = [StateGraph.End] };
            },
            "end");
        var ask = AgentTool.Create((NodeContext context) => context.Interrupt("sure?").ToString(), "ask");
        using var folder = new TempFolder();
        using var client = new ScriptedChatClient(Calls(("1", "end", []), ("2", "ask", [])));
        void Add(WeftBuilder weft) => weft.AddAgent("agent", client, [end, ask]);
        string thread;
        await using (var first = await AgentServer.StartAsync(Add, folder: folder.Path))
        {
            thread = await first.Api.NewThreadAsync();
            (await first.SayAsync(thread, "agent", "go")).ShouldBeOk().Json.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
        }

        await using var second = await AgentServer.StartAsync(Add, folder: folder.Path);

        Said((await second.ResumeAsync(thread, "agent", "\"yes\"")).ShouldBeOk().Json).ShouldBe(["human go", "ai ", "tool 42", "tool yes"]);
        ran.ShouldBe(["end"]);
    }

    [Fact]
    public async Task A_tool_hands_over_in_the_graph_around_its_agent()
    {
        var topic = Channel.LastValue<string>("topic");
        var leave = AgentTool.Create(
            (string about) => new Command { Update = new StateUpdate().Set(topic, about), Goto = ["clerk"], ToParent = true }, "leave");
        using var client = new ScriptedChatClient(Calls(("1", "leave", new() { ["about"] = "wool" })));
        var desk = new StateGraph()
            .AddChannels(_messages, topic)
            .AddNode(
                "agent",
                AgentGraph.Create(client, [leave], new AgentGraphOptions { Messages = _messages }),
                new NodeOptions { Destinations = ["clerk"] })
            .AddNode("clerk", context => new StateUpdate().Add(_messages, Message.Ai($"About {context.Get(topic)}?")))
            .AddEdge(StateGraph.Start, "agent")
            .Compile();
        await using var server = await AgentServer.StartAsync(weft => weft.AddGraph("desk", desk));
        var thread = await server.Api.NewThreadAsync();

        var values = (await server.SayAsync(thread, "desk", "go")).ShouldBeOk().Json;

        Said(values).ShouldBe(["human go", "ai ", "tool Done.", "ai About wool?"]);
        var history = (await server.Api.GetAsync($"/threads/{thread}/history")).ShouldBeOk().Json;
        history.EnumerateArray().Select(state => string.Join(',', state.GetProperty("next").EnumerateArray())).ShouldContain("clerk");
    }

    [Fact]
    public async Task Instructions_depend_on_the_context_of_the_run_and_on_the_assistant()
    {
        using var client = new ScriptedChatClient(Says(null, "Hallo."), Says(null, "Hi."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, options: new AgentGraphOptions
        {
            Prompt = (context, _) => new($"{context.GetConfigurable("tone")}, in {context.GetContext<Settings>().Language}."),
        }));
        var assistant = (await server.Api.PostAsync(
            "/assistants", """{"graph_id":"agent","config":{"configurable":{"tone":"Gently"}},"context":{"language":"German"}}"""))
            .ShouldBeOk().String("assistant_id");
        var thread = await server.Api.NewThreadAsync();

        (await server.SayAsync(thread, assistant, "Hello")).ShouldBeOk();

        client.Calls[0].Messages[0].Text.ShouldBe("Gently, in German.");
    }

    [Fact]
    public async Task A_served_agent_pauses_at_its_breakpoints_and_its_decorators_run()
    {
        var nodes = new List<string>();
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Done."));
        var tools = new TrackedTools();
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent(
            "agent",
            client,
            [tools.Create("look")],
            options: new AgentGraphOptions
            {
                Compile = new CompileOptions { InterruptBefore = NodeSelection.Of(AgentGraph.ToolsNode) },
                Use =
                [
                    (context, next, stop) =>
                    {
                        nodes.Add(context.Node);
                        return next(context, stop);
                    },
                ],
            }));
        var thread = await server.Api.NewThreadAsync();

        (await server.SayAsync(thread, "agent", "go")).ShouldBeOk();
        (await server.Api.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("next")[0].GetString().ShouldBe("tools");
        tools.Ran.ShouldBeEmpty();
        var done = (await server.Api.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"agent","input":null}""")).ShouldBeOk();

        Said(done.Json)[^1].ShouldBe("ai Done.");
        nodes.ShouldBe(["agent", "tools", "agent"]);
    }

    [Fact]
    public async Task The_result_of_a_call_that_was_tried_again_is_the_typed_answer_of_a_served_agent()
    {
        var tries = 0;
        var order = AgentTool.Create(
            (string item) => ++tries > 1
                ? new ToolOutput($$"""{"item":"{{item}}"}""") { Goto = [AgentGraph.AnswerNode] }
                : throw new IOException("The shop does not answer."),
            "order");
        using var client = new ScriptedChatClient(Calls(("1", "order", new() { ["item"] = "wool" })));
        var options = new AgentGraphOptions { ToolRetry = new RetryPolicy { InitialInterval = TimeSpan.Zero, Jitter = false } };
        await using var server = await AgentServer.StartAsync(
            weft => weft.AddAgent<Order>("orders", client, [order], options: options));

        var values = (await server.SayAsync(await server.Api.NewThreadAsync(), "orders", "Wool, please.")).ShouldBeOk().Json;

        values.GetProperty("structured_response").GetRawText().ShouldBeJson("""{"item":"wool"}""");
        tries.ShouldBe(2);
        client.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_loop_by_hand_is_served_with_its_tools()
    {
        var note = AgentTool.Create(
            (string text) => new ToolOutput("Noted.", state => state.Add(_notes, text)) { Goto = ["review"] }, "note");
        using var client = new ScriptedChatClient(Calls(("1", "note", new() { ["text"] = "wool" })));
        var tools = new ToolNode([note], new AgentGraphOptions { Messages = _messages });
        var loop = new StateGraph()
            .AddChannels(_messages, _notes)
            .AddNode(
                "model",
                async (context, stop) => new StateUpdate().Add(
                    _messages, await client.GetMessagesAsync(context.Get(_messages), new ChatOptions { Tools = [note] }, stop)))
            .AddTools(tools)
            .AddNode("review", context => new StateUpdate().Add(_messages, Message.Ai($"{context.Get(_notes).Count} notes")))
            .AddEdge(StateGraph.Start, "model")
            .AddConditionalEdges("model", tools.Next, [tools.Name, StateGraph.End, "review"])
            .AddEdge(tools.Name, "model")
            .Compile();
        await using var server = await AgentServer.StartAsync(weft => weft.AddGraph("loop", loop));

        var values = (await server.SayAsync(await server.Api.NewThreadAsync(), "loop", "go")).ShouldBeOk().Json;

        Said(values).ShouldBe(["human go", "ai ", "tool Noted.", "ai 1 notes"]);
    }

    [Fact]
    public async Task The_active_agent_of_a_swarm_is_known_after_a_restart_while_it_exists()
    {
        using var front = new ScriptedChatClient(Calls(("1", "transfer_to_weaver", [])), Says(null, "I am alone."));
        using var weaver = new ScriptedChatClient(Says(null, "Take wool."), Says(null, "Three balls."));
        using var folder = new TempFolder();
        void Add(WeftBuilder weft) => weft.AddGraph("swarm", AgentGraph.Swarm(
        [
            new AgentMember("front", AgentGraph.Create(front, [Handoff.To("weaver")])),
            new AgentMember("weaver", AgentGraph.Create(weaver, [])),
        ]));
        string thread;
        await using (var first = await AgentServer.StartAsync(Add, folder: folder.Path))
        {
            thread = await first.Api.NewThreadAsync();
            Said((await first.SayAsync(thread, "swarm", "Which yarn?")).ShouldBeOk().Json)[^1].ShouldBe("ai Take wool.");
        }

        await using (var second = await AgentServer.StartAsync(Add, folder: folder.Path))
        {
            var values = (await second.SayAsync(thread, "swarm", "How much?")).ShouldBeOk().Json;
            Said(values).ShouldBe(
            [
                "human Which yarn?", "ai ", "tool The conversation is now with weaver.", "ai Take wool.",
                "human How much?", "ai Three balls.",
            ]);
            values.Text("active_agent").ShouldBe("weaver");
            front.Calls.Count.ShouldBe(1);
        }

        // The active agent does not exist any more.
        await using var third = await AgentServer.StartAsync(
            weft => weft.AddGraph("swarm", AgentGraph.Swarm([new AgentMember("front", AgentGraph.Create(front, []))])),
            folder: folder.Path);
        var alone = (await third.SayAsync(thread, "swarm", "And now?")).ShouldBeOk().Json;
        Said(alone)[^1].ShouldBe("ai I am alone.");
        alone.Text("active_agent").ShouldBe("front");
    }

    private static List<string> Said(JsonElement values) =>
        [.. values.GetProperty("messages").EnumerateArray().Select(message => $"{message.Text("type")} {message.Content()}")];

    private sealed record Order(string Item);

    private sealed record Settings(string Language);
}
