using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

public sealed class TeamTests
{
    private readonly TrackedTools _tools = new();

    [Fact]
    public async Task The_streams_and_questions_of_members_belong_to_the_run()
    {
        using var lead = new ScriptedChatClient(Calls(("1", "transfer_to_bank", [])), Says("l2", "All paid."));
        using var bank = new ScriptedChatClient(Calls(("2", "pay", new() { ["x"] = "Ann" })), Says("b2", "Pa", "id."));
        var member = AgentGraph.Create(bank, [new ApprovalRequiredAIFunction(_tools.Create("pay"))]);
        await using var server = await AgentServer.StartAsync(
            weft => weft.AddGraph("team", AgentGraph.Supervisor(lead, [new AgentMember("bank", member, "Pays.")])));
        var thread = await server.Api.NewThreadAsync();

        var paused = (await server.SayAsync(thread, "team", "Pay Ann.")).ShouldBeOk();
        paused.Json.GetProperty("__interrupt__")[0].GetProperty("value").GetProperty("action_requests")[0].Text("name").ShouldBe("pay");
        var state = (await server.Api.GetAsync($"/threads/{thread}/state?subgraphs=true")).ShouldBeOk().Json;
        state.GetProperty("next")[0].GetString().ShouldBe("bank");
        var inside = state.GetProperty("tasks")[0].GetProperty("state");
        inside.GetProperty("next")[0].GetString().ShouldBe("approve");
        inside.GetProperty("values").GetProperty("messages").GetArrayLength().ShouldBe(4);

        using var stream = await server.Api.StreamAsync(
            $"/threads/{thread}/runs/stream",
            """{"assistant_id":"team","command":{"resume":true},"stream_mode":["messages-tuple","values"],"stream_subgraphs":true}""");
        var frames = await stream.ToEndAsync();

        frames.Where(frame => frame.Event.StartsWith("messages|bank:", StringComparison.Ordinal)).Select(frame => frame.Json[0].Content())
            .ShouldContain("Pa");
        frames.ShouldContain(frame => frame.Event.StartsWith("messages|supervisor:", StringComparison.Ordinal));
        frames.Last(frame => frame.Event == "values").Json.GetProperty("messages").EnumerateArray().Last().Content().ShouldBe("All paid.");
        _tools.Ran.ShouldBe(["pay:Ann"]);
    }

    [Fact]
    public async Task An_agent_that_is_a_tool_pauses_the_run_and_is_in_its_state()
    {
        using var client = new ScriptedChatClient(Calls(("1", "ask_bank", new() { ["request"] = "Pay Ann." })), Says(null, "Done."));
        using var bank = new ScriptedChatClient(Calls(("2", "pay", new() { ["x"] = "Ann" })), Says(null, "Paid."));
        var tool = AgentGraph.Create(bank, [new ApprovalRequiredAIFunction(_tools.Create("pay"))]).AsTool("ask_bank", "Pays.");
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, [tool]));
        var thread = await server.Api.NewThreadAsync();

        (await server.SayAsync(thread, "agent", "Pay Ann.")).ShouldBeOk().Json.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
        var state = (await server.Api.GetAsync($"/threads/{thread}/state?subgraphs=true")).ShouldBeOk().Json;
        state.GetProperty("tasks")[0].GetProperty("state").GetProperty("next")[0].GetString().ShouldBe("approve");

        var values = (await server.ResumeAsync(thread, "agent", "\"approve\"")).ShouldBeOk();

        values.Json.GetProperty("messages").EnumerateArray().Select(message => message.Content())
            .ShouldBe(["Pay Ann.", "", "Paid.", "Done."]);
        _tools.Ran.ShouldBe(["pay:Ann"]);
        client.Calls.Count.ShouldBe(2);
        bank.Calls.Count.ShouldBe(2);
    }
}
