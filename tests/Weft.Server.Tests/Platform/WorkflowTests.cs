using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

public sealed class WorkflowTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_workflow_pauses_and_goes_on_without_doing_its_steps_again()
    {
        var thread = await Root.NewThreadAsync();
        var asked = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"workflow","input":"weaving"}"""))
            .ShouldBeOk().Json;
        asked.GetProperty("__interrupt__")[0].Text("value").ShouldBe("good?");
        (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("next").Strings().ShouldBe(["workflow"]);

        using var stream = await Root.StreamAsync(
            $"/threads/{thread}/runs/stream",
            """{"assistant_id":"workflow","command":{"resume":"yes"},"stream_mode":["updates","values"]}""");
        var frames = await stream.ToEndAsync();
        frames.First(frame => frame.Event == "updates").Json.Names().ShouldBe(["draft", "__metadata__"]);
        var essay = frames.Last(frame => frame.Event == "values").Json;
        essay.Text("verdict").ShouldBe("yes");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("values").Text("text").ShouldStartWith("weaving ");
    }

    [Theory]
    [InlineData("an object", """{"Said":"an object"}""", """{"Said":"an object"}""")]
    [InlineData("a text", "{}", "\"a text\"")]
    public async Task To_wait_for_a_workflow_answers_its_output_when_that_is_an_object(string input, string answer, string state)
    {
        await using var server = await TestServer.StartAsync(add: weft => weft.AddGraph("saying", Workflow.Create<string, object>(
            "saying",
            (text, _, _) => Task.FromResult<object>(text == "an object" ? new Dictionary<string, string> { ["Said"] = text } : text))));
        var thread = await server.Root.NewThreadAsync();

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", $$"""{"assistant_id":"saying","input":"{{input}}"}"""))
            .ShouldBeOk()
            .Json.ShouldBeJson(answer);

        (await server.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("values").ShouldBeJson(state);
    }

    [Fact]
    public async Task Input_of_another_shape_is_the_run_s_failure()
    {
        var failed = (await Root.PostAsync("/runs/wait", """{"assistant_id":"workflow","input":{"not":"text"}}""")).ShouldBeOk().Json;
        failed.GetProperty("__error__").Text("error").ShouldBe("InvalidUpdateError");
    }
}
