using System.Net;

namespace Weft.Server.Tests.Platform;

/// <summary>The header <c>Idempotency-Key</c> of requests for runs (docs/protocol/runs.md B6).</summary>
public sealed class RequestKeyTests(SharedServer shared) : ServerTests(shared)
{
    private const string Keep = ""","on_completion":"keep" """;

    public static TheoryData<string, bool> Mounts =>
        new() { { "", true }, { "", false }, { "/api", true }, { "/api", false }, { "/api/threads", false } };

    [Theory]
    [MemberData(nameof(Mounts))]
    public async Task Requests_with_one_key_get_one_run(string mount, bool hasThread)
    {
        var runs = await RunsPathAsync(mount, hasThread);
        var key = KeyOf(NewId());
        var gate = Gates.New();
        var body = Bodies.Gated(gate, Keep);

        var first = (await Root.PostAsync(runs, body, key)).ShouldBeOk();
        await gate.EnteredAsync();
        (await Root.PostAsync(runs, body, key)).ShouldBeOk().RunId.ShouldBe(first.RunId);
        var wait = Root.PostAsync(runs + "/wait", body, key);
        using var stream = await Root.StreamAsync(runs + "/stream", body, key);
        gate.Open();

        var frames = await stream.ToEndAsync();
        stream.Ids().RunId.ShouldBe(first.RunId);
        frames.ShouldContain(frame => frame.Event == "values");
        var values = (await wait).ShouldBeOk();
        values.RunId.ShouldBe(first.RunId);
        values.Json.Texts().ShouldBe(["go", "begun", "one two"]);

        // The run has ended.
        (await Root.PostAsync(runs + "/wait", body, key)).ShouldBeOk().Json.Texts().ShouldBe(values.Json.Texts());
        var again = (await Root.PostAsync(runs, body, key)).ShouldBeOk();
        (again.RunId, again.String("status")).ShouldBe((first.RunId, "success"));
        using var replay = await Root.StreamAsync(runs + "/stream", body, key);
        (await replay.ToEndAsync()).Select(frame => frame.Event).ShouldBe(frames.Select(frame => frame.Event));
        (await Root.GetAsync($"/threads/{first.String("thread_id")}/runs")).Json.GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Mounts))]
    public async Task Requests_that_are_sent_at_once_get_one_run(string mount, bool hasThread)
    {
        var runs = await RunsPathAsync(mount, hasThread);
        var key = KeyOf(NewId());
        var body = Bodies.Echo(more: Keep + ""","multitask_strategy":"reject" """);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Root.PostAsync(runs, body, key)));

        var threads = answers.Select(answer => answer.ShouldBeOk().String("thread_id")).Distinct().ShouldHaveSingleItem();
        answers.Select(answer => answer.RunId).Distinct().ShouldHaveSingleItem();
        (await Root.GetAsync($"/threads/{threads}/runs")).Json.GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_key_is_for_one_body_and_one_thread(string mount)
    {
        var (runs, other) = (await RunsPathAsync(mount, true), await RunsPathAsync(mount, true));
        var key = KeyOf(NewId());
        var first = (await Root.PostAsync(runs, Bodies.Echo(), key)).ShouldBeOk();

        var refused = await Root.PostAsync(runs, Bodies.Echo("other"), key);
        refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain("Idempotency-Key");

        (await Root.PostAsync(runs, "\n " + Bodies.Echo(), key)).ShouldBeOk().RunId.ShouldBe(first.RunId);
        (await Root.PostAsync(other, Bodies.Echo("other"), key)).ShouldBeOk().RunId.ShouldNotBe(first.RunId);
        (await Root.PostAsync(mount + "/runs", Bodies.Echo("other"), key)).ShouldBeOk().RunId.ShouldNotBe(first.RunId);
        (await Root.GetAsync(runs)).Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_disconnects_does_not_cancel_the_run_that_others_with_its_key_share()
    {
        var runs = await RunsPathAsync("", hasThread: true);
        var key = KeyOf(NewId());
        var gate = Gates.New();
        var body = Bodies.Gated(gate, ""","on_disconnect":"cancel" """);
        using (await Root.StreamAsync(runs + "/stream", body, key))
        {
            await gate.EnteredAsync();
        }

        var wait = Root.PostAsync(runs + "/wait", body, key);
        // By then the server has noticed that the first client is gone.
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        gate.Open();

        (await wait).ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "one two"]);
    }

    [Fact]
    public async Task A_key_lasts_as_long_as_its_run()
    {
        var thread = await Root.NewThreadAsync();
        var key = KeyOf(NewId());
        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(), key)).ShouldBeOk();
        (await Root.DeleteAsync(first.RunPath)).ShouldBe(HttpStatusCode.NoContent);

        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("other"), key)).ShouldBeOk().RunId.ShouldNotBe(first.RunId);
    }

    [Fact]
    public async Task A_key_that_is_empty_or_too_long_is_refused()
    {
        var thread = await Root.NewThreadAsync();
        foreach (var key in (string[])["", new string('k', 256)])
        {
            (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(), KeyOf(key)))
                .ShouldBe(HttpStatusCode.UnprocessableEntity)
                .Detail.ShouldContain("header.Idempotency-Key");
        }

        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_key_outlives_the_server()
    {
        using var folder = new Recovery.TempFolder();
        var key = KeyOf("k");
        string path, id;
        using (var killed = await Recovery.CrashHost.StartAsync(folder))
        {
            path = $"/threads/{await killed.Root.NewThreadAsync()}/runs";
            id = (await killed.Root.PostAsync(path, """{"assistant_id":"steps","input":{}}""", key)).ShouldBeOk().RunId;
            await killed.KillAsync();
        }

        using var next = await Recovery.CrashHost.StartAsync(folder, "--open");

        var values = (await next.Root.PostAsync(path + "/wait", """{"assistant_id":"steps","input":{}}""", key)).ShouldBeOk();
        (values.RunId, values.Json.GetProperty("steps").Strings().Length).ShouldBe((id, 2));
        (await next.Root.GetAsync(path)).Json.GetArrayLength().ShouldBe(1);
    }

    private static (string, string) KeyOf(string key) => ("Idempotency-Key", key);

    private async Task<string> RunsPathAsync(string mount, bool hasThread) =>
        hasThread ? $"{mount}/threads/{await Root.NewThreadAsync()}/runs" : $"{mount}/runs";
}
