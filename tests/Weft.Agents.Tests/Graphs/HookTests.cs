using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class HookTests
{
    private readonly TrackedTools _tools = new();
    private readonly MessagesChannel _messages = Channel.Messages();

    [Fact]
    public async Task Hooks_run_around_each_call_of_the_model_and_write_to_the_state()
    {
        var log = Channel.List<string>("log");
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Messages = _messages,
            Channels = [log],
            BeforeModel = (context, _) => new(new StateUpdate().Add(log, $"before {context.Get(_messages).Count}")),
            AfterModel = (context, _) => new(new StateUpdate().Add(log, $"after {context.Get(_messages)[^1].Text}")),
        }));

        await thread.SayAsync("go");

        thread.Values.GetProperty("log").GetRawText().ShouldBe("""["before 1","after ","before 3","after Done."]""");
        _tools.Ran.ShouldBe(["look:"]);
    }

    [Fact]
    public async Task A_hook_before_the_model_may_answer_in_its_place()
    {
        using var client = new ScriptedChatClient();
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions
        {
            Messages = _messages,
            BeforeModel = (_, _) => new(new Command
            {
                Update = new StateUpdate().Add(_messages, Message.Ai("I don't talk about that.")),
                Goto = [StateGraph.End],
            }),
        }));

        await thread.SayAsync("secret?");

        thread.Messages.Select(message => message.Content()).ShouldBe(["secret?", "I don't talk about that."]);
        client.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_hook_after_the_model_may_ask_it_again()
    {
        using var client = new ScriptedChatClient(Says("m1", "A rude word."), Says("m2", "A kind word."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions
        {
            Messages = _messages,
            AfterModel = (context, _) => new(context.Get(_messages)[^1] is var last && last.Text.Contains("rude")
                ? new Command
                {
                    Update = new StateUpdate().Add(_messages, Message.Remove(last.Id!)),
                    Goto = [AgentGraph.AgentNode],
                }
                : new Command()),
        }));

        await thread.SayAsync("Say something.");

        thread.Messages.Select(message => message.Content()).ShouldBe(["Say something.", "A kind word."]);
    }

    [Fact]
    public async Task The_calls_that_a_hook_leaves_are_made()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "look", new() { ["x"] = "all" }), ("2", "drop", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look"), _tools.Create("drop")], new AgentGraphOptions
        {
            Messages = _messages,
            AfterModel = (context, _) => new(context.Get(_messages)[^1] is { ToolCalls: { Count: 2 } calls } last
                ? new StateUpdate().Add(_messages, Message.Ai("", last.Id, [calls[0]]))
                : StateUpdate.None),
        }));

        await thread.SayAsync("go");

        _tools.Ran.ShouldBe(["look:all"]);
        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
    }

    [Fact]
    public async Task A_hook_may_ask_a_person_without_a_second_call_of_the_model()
    {
        using var client = new ScriptedChatClient(Says(null, "Shall I?"));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions
        {
            Messages = _messages,
            AfterModel = (context, _) => new(new StateUpdate().Add(_messages, context.Interrupt("Send it?").GetString()!)),
        }));

        await thread.SayAsync("go");
        thread.Interrupt.GetString().ShouldBe("Send it?");
        await thread.AnswerAsync("\"No.\"");

        thread.Messages.Select(message => message.Content()).ShouldBe(["go", "Shall I?", "No."]);
        client.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_approval_comes_after_the_hook()
    {
        var seen = 0;
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Messages = _messages,
            RequireApproval = ["look"],
            AfterModel = (_, _) =>
            {
                seen++;
                return new(StateUpdate.None);
            },
        }));

        await thread.SayAsync("go");
        thread.IsPaused.ShouldBeTrue();
        seen.ShouldBe(1);

        await thread.AnswerAsync("true");
        _tools.Ran.ShouldBe(["look:"]);
        seen.ShouldBe(2);
    }
}
