namespace Weft.Server.Tests.Platform;

public sealed class WorkflowTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_workflow_pauses_and_goes_on_without_doing_its_steps_again()
    {
        var thread = await Root.NewThreadAsync();
        var asked = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"workflow","input":"weaving"}""")).ShouldBeOk().Json;
        asked.GetProperty("__interrupt__")[0].Text("value").ShouldBe("good?");
        (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("next").Strings().ShouldBe(["workflow"]);

        using var stream = await Root.StreamAsync($"/threads/{thread}/runs/stream", """{"assistant_id":"workflow","command":{"resume":"yes"},"stream_mode":["updates","values"]}""");
        var frames = await stream.ToEndAsync();
        frames.First(frame => frame.Event == "updates").Json.Names().ShouldBe(["draft", "__metadata__"]);
        var essay = frames.Last(frame => frame.Event == "values").Json;
        essay.Text("Verdict").ShouldBe("yes");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("values").Text("Text").ShouldStartWith("weaving ");
    }

    [Fact]
    public async Task Input_of_another_shape_is_the_run_s_failure()
    {
        var failed = (await Root.PostAsync("/runs/wait", """{"assistant_id":"workflow","input":{"not":"text"}}""")).ShouldBeOk().Json;
        failed.GetProperty("__error__").Text("error").ShouldBe("InvalidUpdateError");
    }
}
