namespace Weft.Server.Tests.Platform;

public sealed class FailureTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_failure_is_told_by_the_run_and_the_thread()
    {
        var thread = await Root.NewThreadAsync();

        var answer = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing())).ShouldBeOk();

        answer.Json.ShouldBeJson("""{"__error__":{"error":"InvalidOperationException","message":"The tap is closed."}}""");
        (await Root.GetAsync(answer.RunPath)).String("status").ShouldBe("error");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        (await Root.GetAsync($"/threads/{thread}")).String("error").ShouldBe("The tap is closed.");
        (await Root.GetAsync(answer.RunPath + "/join"))
            .ShouldBeOk()
            .Json.GetProperty("__error__")
            .Text("message")
            .ShouldBe("The tap is closed.");
    }

    [Fact]
    public async Task The_text_of_an_exception_can_be_kept_from_clients()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.ShowExceptionText = false);
        var thread = await server.Root.NewThreadAsync();

        var answer = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing())).ShouldBeOk();

        answer.Json.GetProperty("__error__").Text("error").ShouldBe("InvalidOperationException");
        answer.Json.GetProperty("__error__").Text("message").ShouldContain(answer.RunId);
        using var events = await server.Root.JoinAsync(answer.RunPath + "/stream", ("Last-Event-ID", "-1"));
        string[] texts = [answer.Text, (await server.Root.GetAsync($"/threads/{thread}")).Text, (await server.Root.GetAsync($"/threads/{thread}/state")).Text,
            (await server.Root.GetAsync($"/threads/{thread}/history")).Text, .. (await events.ToEndAsync()).Select(frame => frame.Data)];
        texts.ShouldAllBe(text => !text.Contains("The tap is closed."));
    }

    [Fact]
    public async Task The_thread_goes_on_after_a_failure()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing());

        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing(fail: false)))
            .ShouldBeOk()
            .Json.GetProperty("count")
            .GetInt32()
            .ShouldBe(1);

        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("error").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task A_run_that_waits_starts_after_the_one_before_it_failed()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs", Bodies.Failing());
        var second = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Failing(fail: false));

        (await Root.GetAsync(second.RunPath + "/join")).ShouldBeOk().Json.GetProperty("count").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_times_out()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.RunTimeout = TimeSpan.FromMilliseconds(100));
        var thread = await server.Root.NewThreadAsync();

        var answer = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Gated(server.Gates.New()))).ShouldBeOk();

        answer.Json.GetProperty("__error__").Text("error").ShouldBe("TimeoutException");
        (await server.Root.GetAsync(answer.RunPath)).String("status").ShouldBe("timeout");
    }
}
