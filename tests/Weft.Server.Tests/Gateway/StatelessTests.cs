namespace Weft.Server.Tests.Gateway;

public sealed class StatelessTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_run_without_a_thread_gets_one_that_stays()
    {
        var answer = (await Gateway.PostAsync("/threads/runs", Bodies.Echo())).ShouldBeOk();

        var run = answer.Json;
        answer.Header("Content-Location").ShouldBe($"/api/threads/{run.Text("thread_id")}/runs/{run.Text("run_id")}");
        run.Text("multitask_strategy").ShouldBe("reject");
        (await Gateway.GetAsync($"/threads/{run.Text("thread_id")}/runs/{run.Text("run_id")}/join"))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);
        (await Root.GetAsync($"/threads/{run.Text("thread_id")}")).ShouldBeOk();
    }

    [Fact]
    public async Task It_can_be_streamed()
    {
        using var stream = await Gateway.StreamAsync("/threads/runs/stream", Bodies.Echo());

        var frames = await stream.ToEndAsync();

        stream.Header("Content-Location").ShouldBe($"/api/threads/{frames[0].Json.Text("thread_id")}/runs/{frames[0].Json.Text("run_id")}");
        stream.Header("Cache-Control").ShouldBe("no-cache");
        stream.Header("X-Accel-Buffering").ShouldBe("no");
        frames[^1].Event.ShouldBe("end");
        (await Root.GetAsync($"/threads/{stream.Ids().ThreadId}/state"))
            .ShouldBeOk()
            .Json.GetProperty("values")
            .Texts()
            .ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task It_can_be_waited_for()
    {
        var answer = (await Gateway.PostAsync("/threads/runs/wait", Bodies.Echo())).ShouldBeOk();

        answer.Header("Content-Location")!.ShouldMatch("^/api/threads/[0-9a-f-]{36}/runs/[0-9a-f-]{36}$");
        answer.Json.Texts().ShouldBe(["hi", "echo: hi"]);
        (await Gateway.GetAsync(answer.RunPath)).ShouldBeOk().String("status").ShouldBe("success");
    }

    [Fact]
    public async Task Its_thread_goes_with_it_when_the_body_says_so()
    {
        var answer = (await Gateway.PostAsync("/threads/runs/wait", Bodies.Echo(more: ""","on_completion":"delete" """))).ShouldBeOk();

        (await Gateway.GetAsync(answer.RunPath)).Status.ShouldBe(404);
        (await Root.GetAsync($"/threads/{answer.ThreadId}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task It_is_cancelled_when_its_client_goes_away()
    {
        var gate = Gates.New();
        var stream = await Gateway.StreamAsync("/threads/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        stream.Dispose();

        await gate.CancelledAsync();
    }
}
