namespace Weft.Samples.Tests;

public sealed class AgentFrameworkTests
{
    [Fact]
    public async Task The_workflow_lets_its_agents_speak_one_after_the_other()
    {
        await using var sample = await RunningSample.StartAsync("AgentFramework");

        var done = await sample.Api.PostAsync(
            "/runs/wait", """{"assistant_id":"studio","input":{"messages":"An advertisement for silk, please."}}""");

        done.ShouldBeOk().Json.GetProperty("messages").EnumerateArray().Skip(1)
            .Select(message => $"{message.GetProperty("name")}: {message.GetProperty("content")}")
            .ShouldBe(["writer: Silk: feel it once.", "critic: Short and good."]);
    }

    [Fact]
    public async Task The_agent_uses_its_tools_and_asks_before_it_orders()
    {
        await using var sample = await RunningSample.StartAsync("AgentFramework");
        var runs = $"/threads/{await sample.Api.NewThreadAsync()}/runs/wait";

        var price = await sample.Api.PostAsync(runs, """{"assistant_id":"shop","input":{"messages":"What does silk cost?"}}""");
        var paused = await sample.Api.PostAsync(runs, """{"assistant_id":"shop","input":{"messages":"Order silk."}}""");
        var done = await sample.Api.PostAsync(runs, """{"assistant_id":"shop","command":{"resume":true}}""");

        price.Said().ShouldBe("90");
        paused.ShouldBeOk().Json.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
        done.Said().ShouldBe("Ordered silk.");
    }
}
