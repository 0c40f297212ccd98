using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class ApprovalTests
{
    private readonly TrackedTools _tools = new();

    [Fact]
    public async Task One_question_is_asked_for_all_calls_of_a_message_before_any_tool_runs()
    {
        var client = new ScriptedChatClient(
            Calls(("1", "free", []), ("2", "guarded", new() { ["x"] = "a" }), ("3", "guarded", new() { ["x"] = "b" })),
            Says(null, "Done."));
        var thread = Thread(client, _tools.Create("free"), _tools.Create("guarded"));

        await thread.SayAsync("go");

        thread.Values.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
        thread.Interrupt.GetRawText().ShouldBeJson(
            """
            {"action_requests":[{"name":"guarded","args":{"x":"a"},"description":"Does guarded."},{"name":"guarded","args":{"x":"b"},"description":"Does guarded."}],
             "review_configs":[{"action_name":"guarded","allowed_decisions":["approve","edit","reject"]},{"action_name":"guarded","allowed_decisions":["approve","edit","reject"]}]}
            """);
        _tools.Ran.ShouldBeEmpty();

        await thread.AnswerAsync("""{"decisions":[{"type":"approve"},{"type":"approve"}]}""");

        thread.IsPaused.ShouldBeFalse();
        _tools.Ran.Order().ShouldBe(["free:", "guarded:a", "guarded:b"]);
        thread.Messages[^1].Content().ShouldBe("Done.");
        client.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Each_call_is_decided_on_its_own_and_the_results_come_in_the_order_of_the_calls()
    {
        var client = new ScriptedChatClient(
            Calls(
                ("1", "guarded", new() { ["x"] = "a" }),
                ("2", "free", []),
                ("3", "guarded", new() { ["x"] = "b" }),
                ("4", "guarded", new() { ["x"] = "c" })),
            Says(null, "Done."));
        var thread = Thread(client, _tools.Create("free"), _tools.Create("guarded"));

        await thread.SayAsync("go");
        await thread.AnswerAsync(
            """{"decisions":[{"type":"reject","message":"Too early."},{"type":"edit","edited_action":{"name":"guarded","args":{"x":"B"}}},{"type":"approve"}]}""");

        _tools.Ran.Order().ShouldBe(["free:", "guarded:B", "guarded:c"]);
        var results = thread.Messages.Where(message => message.Text("type") == "tool").ToList();
        results.Select(message => message.Text("tool_call_id")).ShouldBe(["1", "2", "3", "4"]);
        results[0].Text("status").ShouldBe("error");
        results[0].Content().ShouldBe("The user did not approve this call of guarded, so it was not made. They say: Too early.");
        thread.Messages[1].GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("args").GetRawText())
            .ShouldBe(["""{"x":"a"}""", "{}", """{"x":"B"}""", """{"x":"c"}"""]);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("\"no\"")]
    [InlineData("\"Reject\"")]
    [InlineData("""{"type":"reject"}""")]
    [InlineData("""{"decisions":[{"type":"reject"}]}""")]
    [InlineData("""[{"type":"ignore","args":null}]""")]
    [InlineData("""{"__agui_cancelled__":true,"interrupt_id":"x"}""")]
    public async Task A_call_that_is_refused_is_not_made(string answer)
    {
        var thread = Thread(
            new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "As you wish.")),
            new ApprovalRequiredAIFunction(_tools.Create("guarded")));

        await thread.SayAsync("go");
        await thread.AnswerAsync(answer);

        _tools.Ran.ShouldBeEmpty();
        thread.Messages[2].Text("status").ShouldBe("error");
        thread.Messages[2].Content().ShouldBe("The user did not approve this call of guarded, so it was not made.");
        thread.Messages[3].Content().ShouldBe("As you wish.");
    }

    [Theory]
    [InlineData("""[{"type":"response","args":"Ask Ann."}]""")]
    [InlineData("""{"type":"reject","message":"Ask Ann."}""")]
    public async Task A_refusal_may_tell_the_model_why(string answer)
    {
        var thread = Thread(new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "I will.")), _tools.Create("guarded"));

        await thread.SayAsync("go");
        await thread.AnswerAsync(answer);

        thread.Messages[2].Content().ShouldEndWith("They say: Ask Ann.");
        _tools.Ran.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("true")]
    [InlineData("\"yes\"")]
    [InlineData("""{"type":"accept"}""")]
    [InlineData("""{"type":"approve"}""")]
    [InlineData("""[{"type":"accept","args":null}]""")]
    public async Task A_call_that_is_approved_is_made(string answer)
    {
        var thread = Thread(new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "Done.")), _tools.Create("guarded"));

        await thread.SayAsync("go");
        await thread.AnswerAsync(answer);

        _tools.Ran.ShouldBe(["guarded:"]);
    }

    [Theory]
    [InlineData("""{"decisions":[{"type":"edit","edited_action":{"name":"guarded","args":{"x":"one"}}}]}""")]
    [InlineData("""{"type":"edit","edited_action":{"args":{"x":"one"}}}""")]
    [InlineData("""{"decisions":[{"type":"edit","editedAction":{"name":"guarded","args":{"x":"one"}}}]}""")]
    [InlineData("""{"type":"edit","args":{"x":"one"}}""")]
    [InlineData("""[{"type":"edit","args":{"action":"guarded","args":{"x":"one"}}}]""")]
    public async Task A_call_that_is_edited_is_made_and_remembered_with_the_new_arguments(string answer)
    {
        var client = new ScriptedChatClient(Calls(("1", "guarded", new() { ["x"] = "all" })), Says(null, "Done."));
        var thread = Thread(client, _tools.Create("guarded"));

        await thread.SayAsync("delete");
        await thread.AnswerAsync(answer);

        _tools.Ran.ShouldBe(["guarded:one"]);
        thread.Messages.Count.ShouldBe(4);
        thread.Messages[1].GetProperty("tool_calls")[0].GetProperty("args").Text("x").ShouldBe("one");
        ((FunctionCallContent)client.Calls[1].Messages[1].Contents[0]).Arguments!["x"]!.ToString().ShouldBe("one");
    }

    [Theory]
    [InlineData("\"perhaps\"", "\"perhaps\" is not an answer.")]
    [InlineData("7", "7 is not an answer.")]
    [InlineData("{}", "{} is not an answer.")]
    [InlineData("""{"type":"edit"}""", "an edit needs the arguments")]
    [InlineData("""{"decisions":{}}""", "decisions must be a list.")]
    [InlineData("""{"decisions":[]}""", "decisions must have 1 items, one for each of action_requests in the same order (had 0).")]
    [InlineData("""[{"type":"approve"},{"type":"approve"}]""", "decisions must have 1 items")]
    [InlineData("""{"decisions":[{"type":"maybe"}]}""", "decisions[0]: {\"type\":\"maybe\"} is not an answer.")]
    [InlineData("""{"decisions":[{"type":"edit","edited_action":{"name":"guarded","args":"x"}}]}""", "decisions[0]: an edit needs the arguments")]
    [InlineData("""{"decisions":[{"type":"edit","edited_action":{"name":"gone","args":{}}}]}""", "decisions[0]: gone is not a tool; there are guarded.")]
    [InlineData("""{"decisions":[{"type":"edit","edited_action":{"name":"guarded","args":{"x":7}}}]}""", "decisions[0]: args.x must be of type string or null (was 7).")]
    public async Task An_answer_of_another_shape_is_asked_again_and_told_why(string answer, string problem)
    {
        var thread = Thread(new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "Done.")), _tools.Create("guarded"));

        await thread.SayAsync("go");
        await thread.AnswerAsync(answer);

        thread.Interrupt.Text("problem")!.ShouldStartWith(problem);
        thread.Interrupt.GetProperty("action_requests").GetArrayLength().ShouldBe(1);
        _tools.Ran.ShouldBeEmpty();

        await thread.AnswerAsync("true");
        _tools.Ran.ShouldBe(["guarded:"]);
    }

    [Fact]
    public async Task An_answer_that_is_sent_twice_does_not_answer_the_question_of_another_message()
    {
        var client = new ScriptedChatClient(
            Calls(("1", "guarded", new() { ["x"] = "a" })), Calls(("2", "guarded", new() { ["x"] = "b" })), Says(null, "Done."));
        var thread = Thread(client, _tools.Create("guarded"));

        await thread.SayAsync("go");
        var answer = $$"""{"{{thread.Values.GetProperty("__interrupt__")[0].Text("id")}}":true}""";
        await thread.AnswerAsync(answer);
        await thread.AnswerAsync(answer);

        thread.Interrupt.GetProperty("action_requests")[0].GetProperty("args").Text("x").ShouldBe("b");
        _tools.Ran.ShouldBe(["guarded:a"]);
    }

    [Fact]
    public async Task One_word_decides_about_all_calls_but_an_edit_does_not()
    {
        var calls = Calls(("1", "guarded", new() { ["x"] = "a" }), ("2", "guarded", new() { ["x"] = "b" }));
        var thread = Thread(new ScriptedChatClient(calls, Says(null, "Done.")), _tools.Create("guarded"));

        await thread.SayAsync("go");
        await thread.AnswerAsync("""{"type":"edit","args":{"x":"c"}}""");
        thread.Interrupt.Text("problem").ShouldBe("2 calls are asked about: an edit must be one of 2 decisions.");

        await thread.AnswerAsync("\"approve\"");
        _tools.Ran.Order().ShouldBe(["guarded:a", "guarded:b"]);
    }

    [Fact]
    public async Task A_thread_that_waits_in_the_tools_node_is_asked_about_each_call_on_its_own()
    {
        var messages = Channel.Messages();
        var calls = Calls(("1", "guarded", new() { ["x"] = "a" }), ("2", "guarded", new() { ["x"] = "b" }));
        var options = new AgentGraphOptions { RequireApproval = ["guarded"], Messages = messages };
        var agent = AgentGraph.Create(new ScriptedChatClient(Says(null, "Done.")), [_tools.Create("guarded")], options);
        // The shape of the graph before approval was a node of its own.
        var earlier = new StateGraph()
            .AddChannel(messages)
            .AddNode(
                "agent",
                async (context, stop) =>
                    new StateUpdate()
                        .Add(messages, await new ScriptedChatClient(calls).GetMessagesAsync(context.Get(messages), null, stop)))
            .AddNode("tools", context =>
            {
                foreach (var call in context.Get(messages)[^1].ToolCalls)
                {
                    context.Interrupt(new { action = call.Name, args = call.Args });
                }

                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "agent")
            .AddConditionalEdges("agent", _ => "tools", ["tools"])
            .AddEdge("tools", "agent")
            .Compile();
        var thread = new ThreadUnderTest(earlier);
        await thread.SayAsync("go");
        await thread.AnswerAsync("true");

        var after = thread.With(agent);
        await after.AnswerAsync("false");

        after.IsPaused.ShouldBeFalse();
        _tools.Ran.ShouldBe(["guarded:a"]);
        after.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "tool", "ai"]);
        after.Messages[3].Text("status").ShouldBe("error");
    }

    private static ThreadUnderTest Thread(IChatClient client, params AITool[] tools) =>
        new(AgentGraph.Create(client, tools, new AgentGraphOptions { RequireApproval = [.. tools.Where(tool => tool.Name == "guarded").Select(tool => tool.Name)] }));
}
