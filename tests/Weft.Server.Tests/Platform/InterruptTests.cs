namespace Weft.Server.Tests.Platform;

public sealed class InterruptTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_run_that_asks_ends_well_and_its_thread_waits_for_the_answer()
    {
        var thread = await Root.NewThreadAsync();

        var answer = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking())).ShouldBeOk();

        answer.Json.GetProperty("__interrupt__")[0].Text("value").ShouldBe("which one?");
        (await Root.GetAsync(answer.RunPath)).String("status").ShouldBe("success");
        var view = (await Root.GetAsync($"/threads/{thread}")).Json;
        view.Text("status").ShouldBe("interrupted");
        view.GetProperty("interrupts").EnumerateObject().Single().Value[0].Text("value").ShouldBe("which one?");
        var state = (await Root.GetAsync($"/threads/{thread}/state")).Json;
        state.GetProperty("next").Strings().ShouldBe(["ask"]);
        state.GetProperty("tasks")[0]
            .GetProperty("interrupts")[0]
            .Text("id")
            .ShouldBe(answer.Json.GetProperty("__interrupt__")[0].Text("id"));
        state.GetProperty("interrupts")[0].Text("value").ShouldBe("which one?");
    }

    [Fact]
    public async Task The_answer_resumes_the_run_where_it_asked()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());

        var values =
            (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"asking","command":{"resume":"the red one"}}"""))
            .ShouldBeOk().Json;

        values.Texts().ShouldBe(["you chose the red one"]);
        values.Names().ShouldNotContain("__interrupt__");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("interrupts").ShouldBeJson("{}");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"messages":[{"role":"human","content":"not this"}]}""")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("null")]
    public async Task A_command_beside_an_input_counts(string input)
    {
        var body = $$$"""{"assistant_id":"asking","input":{{{input}}},"command":{"resume":"red"}}""";
        foreach (var (api, prefix) in ((Api, string)[])[(Root, ""), (Gateway, "/api")])
        {
            foreach (var path in (string[])["runs", "runs/stream", "runs/wait"])
            {
                var thread = await Root.NewThreadAsync();
                await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());

                var answer = (await api.PostAsync($"/threads/{thread}/{path}", body)).ShouldBeOk();

                await Root.GetAsync(answer.RunPath + "/join");
                (await Root.GetAsync($"/threads/{thread}/state"))
                    .Json.GetProperty("values")
                    .Texts()
                    .ShouldBe(["you chose red"], $"{prefix} {path}");
            }
        }
    }

    [Fact]
    public async Task A_command_beside_an_input_counts_without_a_thread_and_in_a_batch()
    {
        const string Body =
            """{"assistant_id":"steered","input":{"trail":"input"},"command":{"update":{"trail":"command"},"goto":"last"},"on_completion":"keep"}""";
        const string Trail = """{"trail":["command","last","left","right"]}""";

        (await Root.PostAsync("/runs/wait", Body)).ShouldBeOk().Json.ShouldBeJson(Trail);
        (await Root.PostAsync("/runs/stream", Body)).ShouldBeOk().Text.ShouldContain(Trail);
        foreach (var run in (await Root.PostAsync("/runs/batch", $"[{Body},{Body}]")).ShouldBeOk().Json.EnumerateArray())
        {
            (await Root.GetAsync($"/threads/{run.Text("thread_id")}/runs/{run.Text("run_id")}/join")).ShouldBeOk().Json.ShouldBeJson(Trail);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"resume":null,"update":null,"goto":null}""")]
    [InlineData("""{"goto":[]}""")]
    public async Task An_empty_command_leaves_the_input(string command) =>
        (await Root.PostAsync("/runs/wait", Bodies.Echo(more: $",\"command\":{command}")))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);

    [Fact]
    public async Task An_answer_may_name_the_interrupt()
    {
        var thread = await Root.NewThreadAsync();
        var id = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking())).Json.GetProperty("__interrupt__")[0].Text("id");
        id.ShouldMatch("^[0-9a-f]{32}$");

        var body = $$$$"""{"assistant_id":"asking","command":{"resume":{"{{{{id}}}}":"blue"}}}""";

        (await Root.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().Json.Texts().ShouldBe(["you chose blue"]);
    }

    [Fact]
    public async Task A_stream_shows_the_question_in_values_and_updates()
    {
        using var stream = await Root.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Asking(""","stream_mode":["values","updates"]"""));

        var frames = await stream.ToEndAsync();

        frames.Last(frame => frame.Event == "updates").Json.GetProperty("__interrupt__")[0].Text("value").ShouldBe("which one?");
        frames.Last(frame => frame.Event == "values").Json.GetProperty("__interrupt__")[0].Text("value").ShouldBe("which one?");
        frames[^1].Json.Text("status").ShouldBe("success");
    }

    [Fact]
    public async Task The_gateways_mount_resumes_too()
    {
        var thread = NewId();
        await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());

        using var stream = await Gateway.StreamAsync(
            $"/threads/{thread}/runs/stream", """{"assistant_id":"asking","command":{"resume":"yes"}}""");

        var frames = await stream.ToEndAsync();
        frames.Last(frame => frame.Event == "values").Json.Texts().ShouldBe(["you chose yes"]);
        frames[^1].Event.ShouldBe("end");
    }

    [Fact]
    public async Task A_breakpoint_pauses_before_the_node_and_null_input_goes_on()
    {
        var thread = await Root.NewThreadAsync();

        var paused =
            (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(more: ""","interrupt_before":["answer"]""")))
            .ShouldBeOk().Json;
        paused.Texts().ShouldBe(["hi"]);
        paused.GetProperty("__interrupt__").GetArrayLength().ShouldBe(0);
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("next").Strings().ShouldBe(["answer"]);

        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"echo","input":null}"""))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task A_thread_has_the_values_of_its_state_when_a_command_has_written_and_the_run_pauses_again()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());

        (await Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            """{"assistant_id":"asking","command":{"update":{"messages":[{"role":"user","content":"more"}]}}}""")).ShouldBeOk();

        foreach (var values in new[]
        {
            (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("values"),
            (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk().Json.GetProperty("values"),
            (await Root.PostAsync("/threads/search", $$"""{"ids":["{{thread}}"]}""")).ShouldBeOk().Json[0].GetProperty("values"),
        })
        {
            values.Texts().ShouldBe(["more"]);
        }
    }

    [Fact]
    public async Task Resuming_a_thread_that_never_ran_fails_the_run() =>
        (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", """{"assistant_id":"asking","command":{"resume":"x"}}"""))
            .ShouldBeOk()
            .Json.Names()
            .ShouldContain("__error__");
}
