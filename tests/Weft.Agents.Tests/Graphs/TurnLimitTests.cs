using Microsoft.Extensions.AI;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class TurnLimitTests
{
    private readonly TrackedTools _tools = new();

    [Fact]
    public async Task The_loop_ends_with_an_answer_that_says_so_and_the_next_message_begins_a_new_count()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "look", [])), Calls(("2", "look", []), ("3", "look", [])), Calls(("4", "look", [])), Says(null, "Found."));
        var thread = new ThreadUnderTest(
            AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions { TurnsMax = 2, TurnsMaxText = "Too long." }));

        await thread.SayAsync("search");

        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai", "tool", "tool", "ai"]);
        thread.Messages[^1].Content().ShouldBe("Too long.");
        thread.Messages[^1].GetProperty("response_metadata").Text("finish_reason").ShouldBe("max_turns");
        thread.Messages[^2].Text("status").ShouldBe("error");
        thread.Messages[^2].Content()
            .ShouldBe("This call of look was not made, because the agent may call the model only 2 times for a message.");
        _tools.Ran.Count.ShouldBe(1);
        thread.Chunks.Last().Content().ShouldBe("Too long.");

        await thread.SayAsync("go on");
        thread.Messages[^1].Content().ShouldBe("Found.");
        _tools.Ran.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_in_the_last_turn_is_an_answer()
    {
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Found."));
        var thread = new ThreadUnderTest(
            AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions { TurnsMax = 2 }));

        await thread.SayAsync("search");

        thread.Messages[^1].Content().ShouldBe("Found.");
    }

    [Fact]
    public async Task A_pause_does_not_reset_the_count()
    {
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Calls(("2", "look", [])));
        var options = new AgentGraphOptions { TurnsMax = 2, RequireApproval = ["look"] };
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], options));

        await thread.SayAsync("search");
        await thread.AnswerAsync("true");

        thread.IsPaused.ShouldBeFalse();
        thread.Messages[^1].Content().ShouldStartWith("I stopped");
    }

    [Fact]
    public async Task An_agent_with_a_typed_answer_ends_without_one()
    {
        using var client = new ScriptedChatClient(Calls(("1", "look", [])));
        var options = new AgentGraphOptions { TurnsMax = 1, Answer = AgentAnswer.Of<AnswerTests.Offer>() };
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], options));

        await thread.SayAsync("search");

        thread.Values.TryGetProperty("structured_response", out _).ShouldBeFalse();
        client.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public void A_limit_is_at_least_one()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => AgentGraph.Create(new ScriptedChatClient(), [], new AgentGraphOptions { TurnsMax = 0 }));
        Should.Throw<ArgumentOutOfRangeException>(
            () => AgentGraph.Create(new ScriptedChatClient(), [], new AgentGraphOptions { ToolResultCharsMax = 0 }));
    }
}
