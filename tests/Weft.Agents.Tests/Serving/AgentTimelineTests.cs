using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Server.Tests;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

/// <summary>The calls of models and tools in the timeline of a run (docs/protocol/weft.md 7).</summary>
public sealed class AgentTimelineTests
{
    private static readonly UsageDetails Usage = new() { InputTokenCount = 10, OutputTokenCount = 3, TotalTokenCount = 14 };

    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds.");

    private static readonly AIFunction Spill = AIFunctionFactory.Create(
        string () => throw new TimeoutException("The tap is stuck."), "spill", "Spills.");

    [Theory]
    [InlineData("")]
    [InlineData(""","stream_mode":["messages-tuple","tools","events"]""")]
    public async Task An_agent_shows_its_calls_of_models_and_tools_whatever_the_run_streams(string more)
    {
        using var client = Model(
            ScriptedAnswer.OfUpdates(
                CallPiece(("1", "add", new() { ["a"] = 1, ["b"] = 2 }), ("2", "spill", [])), Piece(null, new UsageContent(Usage))),
            Says(null, "Three."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("reckoner", client, [Add, Spill]));
        var run = (await server.Api.PostAsync(
            $"/threads/{await server.Api.NewThreadAsync()}/runs/wait",
            $$"""{"assistant_id":"reckoner","input":{"messages":[{"role":"user","content":"1+2?"}]}{{more}} }""")).ShouldBeOk().RunPath;

        var timeline = (await server.Api.GetAsync($"/weft{run}/timeline")).ShouldBeOk().Json;

        var tasks = Of(timeline, "task").ToDictionary(task => task.Text("id")!, task => task);
        var models = Of(timeline, "model_call");
        models.ConvertAll(call => $"{call.Text("name")} {call.Text("model")} {call.Text("status")}")
            .ShouldBe(["ScriptedChatClient small success", "ScriptedChatClient small success"]);
        models[0].GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(14);
        models[1].GetProperty("usage").ValueKind.ShouldBe(JsonValueKind.Null);
        var tools = Of(timeline, "tool_call").OrderBy(call => call.Text("tool_call_id")).ToList();
        tools.ConvertAll(call => $"{call.Text("tool_call_id")} {call.Text("name")} {call.Text("status")} {call.Text("error")}")
            .ShouldBe(["1 add success ", "2 spill error TimeoutException"]);
        // Tools run at the same time, each in a task of its own.
        foreach (var call in (IEnumerable<JsonElement>)[.. models, .. tools])
        {
            var task = tasks[call.Text("task_id")!];
            task.GetProperty("start_ms").GetDecimal().ShouldBeLessThanOrEqualTo(call.GetProperty("start_ms").GetDecimal());
            task.GetProperty("end_ms").GetDecimal().ShouldBeGreaterThanOrEqualTo(call.GetProperty("end_ms").GetDecimal());
        }

        models.Concat(tools).Select(call => call.Text("task_id")).Distinct().Count().ShouldBe(4);
        timeline.GetProperty("totals").GetProperty("model_calls").GetProperty("usage").GetProperty("input_tokens").GetInt32().ShouldBe(10);
    }

    [Fact]
    public async Task A_model_that_fails_and_a_tool_that_asks_say_so()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "ask", [])), Says(null, "Fi").ThenFails(new HttpRequestException("The line is dead.")));
        var ask = AIFunctionFactory.Create(
            () => NodeContext.Current!.Interrupt("Sure?").ToString(), "ask", "Asks.");
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("asker", client, [ask]));
        var thread = await server.Api.NewThreadAsync();

        var asked = (await server.SayAsync(thread, "asker", "go")).ShouldBeOk().RunPath;
        var failed = (await server.ResumeAsync(thread, "asker", "\"yes\"")).RunPath;

        var first = (await server.Api.GetAsync($"/weft{asked}/timeline")).ShouldBeOk().Json;
        Of(first, "tool_call").ShouldHaveSingleItem().Text("status").ShouldBe("interrupted");
        var second = (await server.Api.GetAsync($"/weft{failed}/timeline")).ShouldBeOk().Json;
        Of(second, "tool_call").ShouldHaveSingleItem().Text("status").ShouldBe("success");
        var call = Of(second, "model_call").ShouldHaveSingleItem();
        (call.Text("status"), call.Text("error")).ShouldBe(("error", "HttpRequestException"));
    }

    private static List<JsonElement> Of(JsonElement timeline, string type) =>
        [.. timeline.GetProperty("entries").EnumerateArray().Where(entry => entry.Text("type") == type)];
}
