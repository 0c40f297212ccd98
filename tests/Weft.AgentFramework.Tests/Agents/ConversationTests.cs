using System.Net;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.AgentFramework.Tests.Agents;

public sealed class ConversationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_turns_share_the_memory_of_the_thread_and_other_threads_do_not()
    {
        using var model = new ScriptedChatClient(Says("m1", "Hello ", "Ann."), Says("m2", "You are Ann."), Says("m3", "Nobody."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();

        (await server.SayAsync(thread, "weaver", "I am Ann.")).Said().ShouldBe(["human: I am Ann.", "ai: Hello Ann."]);
        (await server.SayAsync(thread, "weaver", "Who am I?")).Said()[^1].ShouldBe("ai: You are Ann.");
        await server.SayAsync(await server.Root.NewThreadAsync(), "weaver", "Who am I?");

        model.Calls[1].Messages.Said().ShouldBe(["user: I am Ann.", "assistant: Hello Ann.", "user: Who am I?"]);
        model.Calls[2].Messages.Said().ShouldBe(["user: Who am I?"]);
    }

    [Fact]
    public async Task The_session_survives_a_restart_of_the_server()
    {
        using var first = new ScriptedChatClient(Says("m1", "Hello Ann."));
        string thread;
        await using (var server = await StartAsync(first))
        {
            thread = await server.Root.NewThreadAsync();
            await server.SayAsync(thread, "weaver", "I am Ann.");
        }

        using var second = new ScriptedChatClient(Says("m2", "You are Ann."));
        await using var restarted = await StartAsync(second);
        (await restarted.SayAsync(thread, "weaver", "Who am I?")).Said()[^1].ShouldBe("ai: You are Ann.");
        second.Calls[0].Messages.Said().ShouldBe(["user: I am Ann.", "assistant: Hello Ann.", "user: Who am I?"]);
    }

    [Fact]
    public async Task A_fork_continues_with_the_session_of_its_checkpoint()
    {
        using var model = new ScriptedChatClient(Says("m1", "One."), Says("m2", "Two."), Says("m3", "Other two."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "weaver", "First");
        var checkpoint = (await server.StateAsync(thread)).CheckpointId();
        await server.SayAsync(thread, "weaver", "Second");

        var forked = await server.SayAsync(thread, "weaver", "Instead", $$""","checkpoint_id":"{{checkpoint}}" """);

        forked.Said().ShouldBe(["human: First", "ai: One.", "human: Instead", "ai: Other two."]);
        model.Calls[2].Messages.Said().ShouldBe(["user: First", "assistant: One.", "user: Instead"]);
    }

    [Fact]
    public async Task An_answer_is_made_again_from_the_checkpoint_before_it()
    {
        using var model = new ScriptedChatClient(Says("m1", "One."), Says("m2", "Better."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "weaver", "First");
        var before = (await server.StateAsync(thread)).ParentId();

        var again = (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait", $$"""{"assistant_id":"weaver","input":null,"checkpoint_id":"{{before}}"}""")).ShouldBeOk().Json;

        again.Said().ShouldBe(["human: First", "ai: Better."]);
        model.Calls[1].Messages.Said().ShouldBe(["user: First"]);
    }

    [Fact]
    public async Task The_agent_sees_edits_of_the_conversation()
    {
        using var model = new ScriptedChatClient(Says("m1", "One."), Says("m2", "Two."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        var first = (await server.SayAsync(thread, "weaver", "I am Ann.")).Messages()[0].Text("id");
        (await server.Root.PostAsync(
            $"/threads/{thread}/state",
            $$"""{"values":{"messages":[{"type":"human","id":"{{first}}","content":"I am Bob."}]} }""")).ShouldBeOk();

        await server.SayAsync(thread, "weaver", "Who am I?");

        model.Calls[1].Messages.Said().ShouldBe(["user: I am Bob.", "assistant: One.", "user: Who am I?"]);
    }

    [Fact]
    public async Task The_conversation_is_not_stored_twice()
    {
        using var model = new ScriptedChatClient(Says("m1", "A shuttle."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "weaver", "What is it?");

        var session = (await server.StateAsync(thread)).GetProperty("values").GetProperty("session");
        session.GetRawText().ShouldNotContain("shuttle");
        session.Text("last_message").ShouldBe("m1");
    }

    [Fact]
    public async Task Updates_are_streamed_as_pieces_of_the_message_that_the_state_has()
    {
        using var model = new ScriptedChatClient(Says(null, "A ", "loom."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.StreamAsync(thread, "weaver", "What is it?", ""","stream_mode":["messages-tuple","values"]""");
        var frames = await stream.ToEndAsync();

        var pieces = frames.Where(frame => frame.Event == "messages").Select(frame => frame.Json[0]).ToList();
        pieces.Select(piece => piece.Text("content")).ShouldBe(["A ", "loom."]);
        var message = frames.Last(frame => frame.Event == "values").Json.Messages()[^1];
        pieces.ShouldAllBe(piece => piece.Text("id") == message.Text("id") && piece.Text("type") == "AIMessageChunk");
        message.Text("name").ShouldBe("weaver");
        frames.First(frame => frame.Event == "messages").Json[1].Text("langgraph_node").ShouldBe("agent");
    }

    [Fact]
    public async Task A_run_is_cancelled_while_the_agent_speaks_and_the_next_turn_has_both_messages()
    {
        var gate = new Gate("speaks");
        using var model = new ScriptedChatClient(Says("m1", "Here I am."));
        using var gated = new GatedChatClient(gate, model);
        await using var server = await StartAsync(gated);
        var thread = await server.Root.NewThreadAsync();
        using (var stream = await server.StreamAsync(thread, "weaver", "Hello", ""","stream_mode":"messages-tuple" """))
        {
            (await stream.UntilAsync("messages")).Json[0].Text("content").ShouldBe("Well, ");
            await gate.EnteredAsync();
            var (_, run) = stream.Ids();
            (await server.Root.PostAsync($"/threads/{thread}/runs/{run}/cancel?wait=true")).Status.ShouldBeInRange(200, 204);
            await gate.CancelledAsync();
        }

        (await server.SayAsync(thread, "weaver", "Are you there?")).Said()
            .ShouldBe(["human: Hello", "human: Are you there?", "ai: Here I am."]);
        model.Calls[0].Messages.Said().ShouldBe(["user: Hello", "user: Are you there?"]);
    }

    [Fact]
    public async Task An_agent_that_fails_in_the_middle_ends_the_run_and_the_thread_stays_usable()
    {
        using var model = new ScriptedChatClient(Says("m1", "Well, ").ThenFails(new InvalidOperationException("The model broke.")), Says("m2", "Back again."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();

        (await server.SayAsync(thread, "weaver", "Hello")).Error().ShouldBe("The model broke.");
        (await server.Root.GetAsync($"/threads/{thread}")).ShouldBeOk().String("status").ShouldBe("error");

        (await server.SayAsync(thread, "weaver", "Hello?")).Said().ShouldBe(["human: Hello", "human: Hello?", "ai: Back again."]);
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_fails_the_run_until_it_is_removed()
    {
        using var model = new ScriptedChatClient(Says("m1", "One."), Says("m2", "Two."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "weaver", "First");
        (await EditAsync("""{"state":"not a session"}""")).ShouldBeOk();

        (await server.SayAsync(thread, "weaver", "Second")).Error().ShouldContain("Set the channel 'session' to null");
        (await EditAsync("5")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("The stored session of the agent can't be read");

        (await EditAsync("null")).ShouldBeOk();
        (await server.SayAsync(thread, "weaver", "Third")).Said()[^1].ShouldBe("ai: Two.");
        model.Calls[1].Messages.Said().ShouldBe(["user: First", "assistant: One.", "user: Second", "user: Third"]);

        Task<Answer> EditAsync(string session) =>
            server.Root.PostAsync($"/threads/{thread}/state", $$"""{"values":{"session":{{session}} },"as_node":"agent"}""");
    }

    [Fact]
    public async Task Input_of_a_run_cannot_write_the_session()
    {
        using var model = new ScriptedChatClient(Says("m1", "One."));
        await using var server = await StartAsync(model);
        var values = (await server.Root.PostAsync(
            "/runs/wait", """{"assistant_id":"weaver","input":{"messages":"Hi","session":{"state":{"conversationId":"another"}}}}""")).ShouldBeOk().Json;

        values.GetProperty("session").GetRawText().ShouldNotContain("another");
    }

    [Fact]
    public async Task An_agent_with_a_history_of_its_own_gets_only_new_messages()
    {
        await using var server = await AgentServer.StartAsync(_folder, weft => weft.AddAIAgent("counter", new CountingAgent()));
        var thread = await server.Root.NewThreadAsync();

        (await server.SayAsync(thread, "counter", "a")).Said()[^1].ShouldBe("ai: 1: a");
        (await server.SayAsync(thread, "counter", "b")).Said()[^1].ShouldBe("ai: 2: b");
    }

    [Fact]
    public async Task Agents_that_the_application_has_registered_are_found_by_their_key()
    {
        using var model = new ScriptedChatClient(Says("m1", "Found."));
        await using var server = await AgentServer.StartAsync(_folder, weft =>
        {
            weft.Services.AddKeyedSingleton<AIAgent>("keyed", new ChatClientAgent(model, name: "keyed"));
            weft.AddAIAgent("keyed");
        });

        (await server.SayAsync(await server.Root.NewThreadAsync(), "keyed", "Hi")).Said()[^1].ShouldBe("ai: Found.");
    }

    [Fact]
    public async Task The_configuration_of_a_run_can_choose_the_model()
    {
        using var model = new ScriptedChatClient(Says("m1", "Hi."));
        var seen = "";
        using var client = new ChatClientBuilder(model)
            .Use((messages, options, next, cancellationToken) =>
            {
                seen = options?.ModelId ?? "";
                return next(messages, options, cancellationToken);
            })
            .Build();
        var options = new AIAgentGraphOptions
        {
            RunOptions = context => new ChatClientAgentRunOptions(new ChatOptions { ModelId = context.GetConfigurable("model") }),
        };
        await using var server = await AgentServer.StartAsync(
            _folder, weft => weft.AddAIAgent("weaver", new ChatClientAgent(client, name: "weaver"), options));

        await server.SayAsync(await server.Root.NewThreadAsync(), "weaver", "Hi", ""","config":{"configurable":{"model":"small"}}""");

        seen.ShouldBe("small");
    }

    private Task<AgentServer> StartAsync(IChatClient model) => AgentServer.StartAsync(
        _folder, weft => weft.AddAIAgent("weaver", new ChatClientAgent(model, instructions: "Be brief.", name: "weaver")));
}
