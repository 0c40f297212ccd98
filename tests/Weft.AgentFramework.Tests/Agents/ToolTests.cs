using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.AgentFramework.Tests.Agents;

public sealed class ToolTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _paid = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tool_calls_and_results_are_messages_of_the_thread_and_of_the_stream()
    {
        using var model = new ScriptedChatClient(
            Calls(("c1", "price", new() { ["item"] = "wool" }), ("c2", "price", new() { ["item"] = "silk" })),
            Says("m2", "Silk costs more."),
            Says("m3", "Silk, as I said."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.StreamAsync(thread, "shop", "Which costs more?", ""","stream_mode":["messages-tuple","values"]""");
        var frames = await stream.ToEndAsync();

        var messages = frames.Last(frame => frame.Event == "values").Json.Messages();
        messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "tool", "ai"]);
        messages[1].GetProperty("tool_calls").ShouldBeJson("""
            [{"name":"price","args":{"item":"wool"},"id":"c1","type":"tool_call"},
             {"name":"price","args":{"item":"silk"},"id":"c2","type":"tool_call"}]
            """);
        messages[2].Text("content").ShouldBe("20");
        messages[3].Text("content").ShouldBe("90");
        messages.Skip(2).Take(2).Select(message => (message.Text("tool_call_id"), message.Text("name"))).ShouldBe([("c1", "price"), ("c2", "price")]);
        var streamed = frames.Where(frame => frame.Event == "messages").Select(frame => frame.Json[0].Text("id")).Distinct();
        streamed.ShouldBe(messages.Skip(1).Select(message => message.Text("id")));

        await server.SayAsync(thread, "shop", "Again?");
        model.Calls[2].Messages.Said().ShouldBe(
        [
            "user: Which costs more?", "assistant: call price call price", "tool: result 20", "tool: result 90", "assistant: Silk costs more.",
            "user: Again?",
        ]);
    }

    [Fact]
    public async Task A_tool_that_fails_is_an_error_that_the_model_sees()
    {
        using var model = new ScriptedChatClient(Calls(("c1", "fail", [])), Says("m2", "It failed."));
        await using var server = await StartAsync(model);

        var messages = (await server.SayAsync(await server.Root.NewThreadAsync(), "shop", "Try")).Messages();
        messages[2].Text("status").ShouldBe("error");
        messages[^1].Text("content").ShouldBe("It failed.");
    }

    [Theory]
    [InlineData("""{"decisions":[{"type":"approve"}]}""", true, "Paid 20 to Ann.")]
    [InlineData("true", true, "Paid 20 to Ann.")]
    [InlineData("""{"decisions":[{"type":"reject","message":"Too much."}]}""", false, "Too much.")]
    public async Task An_approval_pauses_the_run_and_its_answer_goes_to_the_agent(string answer, bool isPaid, string result)
    {
        using var model = new ScriptedChatClient(Pay("c1", "Ann"), Says("m2", "Done."), Says("m3", "Bye."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();

        var paused = await server.SayAsync(thread, "shop", "Pay Ann");
        paused.Question().ShouldBeJson("""
            {"action_requests":[{"name":"pay","args":{"to":"Ann","euros":20},"description":"Pays a person."}],
             "review_configs":[{"action_name":"pay","allowed_decisions":["approve","reject"]}]}
            """);
        paused.Messages()[^1].GetProperty("tool_calls")[0].Text("id").ShouldBe("c1");
        _paid.ShouldBeEmpty();

        var done = await server.AnswerAsync(thread, "shop", answer);

        done.Messages().Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        done.Messages()[2].Text("content").ShouldContain(result);
        done.Messages()[2].Text("name").ShouldBe("pay");
        _paid.ShouldBe(isPaid ? ["Ann"] : []);
        (await server.SayAsync(thread, "shop", "Bye")).Said()[^1].ShouldBe("ai: Bye.");
        model.Calls[2].Messages.Said()[1].ShouldBe("assistant: call pay");
        model.Calls[2].Messages.Said()[2].ShouldContain(result);
    }

    [Fact]
    public async Task An_approval_is_answered_after_a_restart()
    {
        using var first = new ScriptedChatClient(Pay("c1", "Ann"));
        string thread;
        await using (var server = await StartAsync(first))
        {
            thread = await server.Root.NewThreadAsync();
            (await server.SayAsync(thread, "shop", "Pay Ann")).IsPaused().ShouldBeTrue();
        }

        using var second = new ScriptedChatClient(Says("m2", "Done."));
        await using var restarted = await StartAsync(second);
        var done = await restarted.AnswerAsync(thread, "shop", "true");

        done.Said()[^1].ShouldBe("ai: Done.");
        _paid.ShouldBe(["Ann"]);
        second.Calls[0].Messages.Said().ShouldBe(["user: Pay Ann", "assistant: call pay", "tool: result Paid 20 to Ann."]);
    }

    [Fact]
    public async Task Calls_that_need_no_approval_are_made_together_with_the_approved_one()
    {
        using var model = new ScriptedChatClient(
            ScriptedAnswer.OfUpdates(Piece(
                "m1",
                new FunctionCallContent("c1", "pay", new Dictionary<string, object?> { ["to"] = "Ann", ["euros"] = 20 }),
                new FunctionCallContent("c2", "price", new Dictionary<string, object?> { ["item"] = "silk" }))),
            Says("m2", "Done."),
            Says("m3", "Bye."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        (await server.SayAsync(thread, "shop", "Pay Ann, and what is silk?")).Question().GetProperty("action_requests").GetArrayLength().ShouldBe(1);

        var done = await server.AnswerAsync(thread, "shop", "true");

        var results = done.Messages().Where(message => message.Text("type") == "tool").ToDictionary(message => message.Text("tool_call_id"));
        results["c1"].Text("content").ShouldBe("Paid 20 to Ann.");
        results["c2"].Text("content").ShouldBe("90");
        done.Said()[^1].ShouldBe("ai: Done.");
        (await server.SayAsync(thread, "shop", "Bye")).Said()[^1].ShouldBe("ai: Bye.");
    }

    [Theory]
    [InlineData("""{"decisions":[]}""", "decisions must have 1 items")]
    [InlineData("\"perhaps\"", "is not an answer")]
    [InlineData("""{"type":"edit","edited_action":{"name":"pay","args":{"to":"Bob","euros":1}}}""", "can't be changed")]
    public async Task An_answer_that_does_not_fit_is_asked_for_again_with_the_reason(string answer, string problem)
    {
        using var model = new ScriptedChatClient(Pay("c1", "Ann"), Says("m2", "Done."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "shop", "Pay Ann");

        (await server.AnswerAsync(thread, "shop", answer)).Question().Text("problem").ShouldContain(problem);
        _paid.ShouldBeEmpty();

        (await server.AnswerAsync(thread, "shop", "true")).Said()[^1].ShouldBe("ai: Done.");
        _paid.ShouldBe(["Ann"]);
    }

    [Fact]
    public async Task A_new_message_in_place_of_an_answer_does_not_make_the_call()
    {
        using var model = new ScriptedChatClient(Pay("c1", "Ann"), Says("m2", "Fine, no payment."), Says("m3", "Bye."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "shop", "Pay Ann");

        var after = await server.SayAsync(thread, "shop", "Forget it.");

        after.IsPaused().ShouldBeFalse();
        after.Messages().Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "human", "ai"]);
        after.Messages()[2].Text("content").ShouldContain("was stopped before it was done");
        model.Calls[1].Messages.Select(message => message.Role).ShouldBe([ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.User]);
        _paid.ShouldBeEmpty();
        (await server.SayAsync(thread, "shop", "Bye")).Said()[^1].ShouldBe("ai: Bye.");
        _paid.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_approved_call_is_not_made_again_after_a_failure_when_a_new_message_comes()
    {
        using var model = new ScriptedChatClient(
            Pay("c1", "Ann"),
            ScriptedAnswer.Fails(new InvalidOperationException("The model broke.")),
            Says("m3", "I do not know whether I paid."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "shop", "Pay Ann");

        (await server.AnswerAsync(thread, "shop", "true")).Error().ShouldBe("The model broke.");
        _paid.ShouldBe(["Ann"]);

        (await server.SayAsync(thread, "shop", "And?")).Said()[^1].ShouldBe("ai: I do not know whether I paid.");
        _paid.ShouldBe(["Ann"]);
    }

    [Fact]
    public async Task A_tool_asks_a_question_of_its_own_and_gets_the_answer()
    {
        using var model = new ScriptedChatClient(Calls(("c1", "choose", [])), Calls(("c1", "choose", [])), Says("m2", "Blue it is."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();

        (await server.SayAsync(thread, "shop", "Choose")).Question().GetString().ShouldBe("Which colour?");
        var done = await server.AnswerAsync(thread, "shop", "\"blue\"");

        done.Messages()[^2].Text("content").ShouldBe("blue");
        done.Said()[^1].ShouldBe("ai: Blue it is.");
    }

    [Fact]
    public async Task A_fork_of_the_question_is_answered_in_another_way()
    {
        using var model = new ScriptedChatClient(Pay("c1", "Ann"), Says("m2", "Paid."), Says("m3", "Not paid."));
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();
        await server.SayAsync(thread, "shop", "Pay Ann");
        var asked = (await server.StateAsync(thread)).CheckpointId();
        (await server.AnswerAsync(thread, "shop", "true")).Said()[^1].ShouldBe("ai: Paid.");

        var other = (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$"""{"assistant_id":"shop","command":{"resume":false},"checkpoint_id":"{{asked}}"}""")).ShouldBeOk().Json;

        other.Said()[^1].ShouldBe("ai: Not paid.");
        _paid.ShouldBe(["Ann"]);
    }

    private static ScriptedAnswer Pay(string id, string to) =>
        Calls((id, "pay", new() { ["to"] = to, ["euros"] = 20 }));

    private Task<AgentServer> StartAsync(IChatClient model)
    {
        AITool[] tools =
        [
            AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns the price of an item."),
            AIFunctionFactory.Create(string () => throw new InvalidOperationException("No."), "fail", "Fails."),
            AIFunctionFactory.Create(() => NodeContext.Current!.Interrupt("Which colour?").GetString(), "choose", "Asks the user."),
            new ApprovalRequiredAIFunction(AIFunctionFactory.Create(
                (string to, int euros) =>
                {
                    _paid.Add(to);
                    return $"Paid {euros} to {to}.";
                },
                "pay",
                "Pays a person.")),
        ];
        return AgentServer.StartAsync(_folder, weft => weft.AddAIAgent("shop", new ChatClientAgent(model, name: "shop", tools: tools)));
    }
}
