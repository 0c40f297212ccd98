namespace Weft.Server.Tests.Platform;

public sealed class FactoryTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_graph_may_be_made_from_the_configuration_of_its_run()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"named","input":{},"config":{"configurable":{"name":"chosen"}}}""");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("interrupted");
        (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("next").Strings().ShouldBe(["chosen"]);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"named","command":{"resume":"yes"}}""")).ShouldBeOk().Json
            .ShouldBeJson("""{"answer":"chosen: yes"}""");
        (await Root.PostAsync("/runs/wait", """{"assistant_id":"named","input":{}}""")).ShouldBeOk().Json.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
    }
}
