using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

public sealed class WebhookTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("/hook")]
    [InlineData("$/hook")]
    public async Task The_end_of_a_run_is_told_when_it_is_stored(string url)
    {
        var hook = new Hook();
        await using var server = await TestServer.StartAsync(use: hook.Use);
        var thread = await server.Root.NewThreadAsync();

        var run = (await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: $$""","webhook":"{{Url(server, url)}}","metadata":{"a":1}""")))
            .ShouldBeOk();

        var told = await hook.NextAsync();
        (told.Text("run_id"), told.Text("thread_id"), told.Text("status")).ShouldBe((run.RunId, thread, "success"));
        told.GetProperty("values").Texts().ShouldBe(["hi", "echo: hi"]);
        told.GetProperty("metadata").GetProperty("a").GetInt32().ShouldBe(1);
        told.Names().ShouldNotContain("error");
        var times = ((string[])["created_at", "run_started_at", "run_ended_at", "webhook_sent_at"])
            .Select(name => told.GetProperty(name).GetDateTimeOffset())
            .ToList();
        times.ShouldBe(times.Order());
        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
        (await server.Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
    }

    [Fact]
    public async Task A_failure_a_cancel_and_a_pause_are_told_too()
    {
        var hook = new Hook();
        await using var server = await TestServer.StartAsync(use: hook.Use);
        const string More = ""","webhook":"/hook" """;
        var gate = server.Gates.New();
        var thread = await server.Root.NewThreadAsync();

        await server.Root.PostAsync("/runs/wait", Bodies.Failing(more: More));
        var failed = await hook.NextAsync();
        (failed.Text("status"), failed.Text("error")).ShouldBe(("error", "The tap is closed."));

        await server.Root.PostAsync("/runs/wait", Bodies.Asking(More));
        var paused = await hook.NextAsync();
        (paused.Text("status"), paused.GetProperty("values").GetProperty("__interrupt__").GetArrayLength()).ShouldBe(("success", 1));

        await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        var waiting = await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: More));
        await server.Root.PostAsync(waiting.RunPath + "/cancel");
        var cancelled = await hook.NextAsync();
        (cancelled.Text("run_id"), cancelled.Text("status")).ShouldBe((waiting.RunId, "interrupted"));
        cancelled.GetProperty("run_started_at").ValueKind.ShouldBe(JsonValueKind.Null);
        gate.Open();
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, 1, 2)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 9, 3)]
    [InlineData(HttpStatusCode.NotFound, 9, 1)]
    public async Task A_webhook_is_called_again_when_that_may_help_and_not_for_ever(HttpStatusCode status, int failures, int calls)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var hook = new Hook(status, failures);
        await using var server = await TestServer.StartAsync(time: time, use: hook.Use);

        var run = (await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Echo(more: ""","webhook":"/hook" """)))
            .ShouldBeOk();

        await Waiting.Until(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(hook.Calls >= calls);
            },
            "the webhook to be called");
        time.Advance(TimeSpan.FromMinutes(1));
        await server.StopAsync();
        hook.Calls.ShouldBe(calls);
        run.Json.Texts().ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_changes_no_run()
    {
        var run = await Root.PostAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/wait", Bodies.Echo(more: ""","webhook":"http://127.0.0.1:1/none" """));

        run.ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
        (await Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hook")]
    [InlineData("//other/hook")]
    [InlineData("ftp://host/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    public async Task A_webhook_that_is_none_is_refused(string url) =>
        (await Root.PostAsync("/runs", Bodies.Echo(more: $$""","webhook":"{{url}}" """)))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain("webhook");

    private static string Url(TestServer server, string url) =>
        url.Replace("$", server.Root.BaseAddress.ToString().TrimEnd('/'), StringComparison.Ordinal);

    /// <summary>A route of the application's own that is told of runs; the first calls may fail.</summary>
    private sealed class Hook(HttpStatusCode status = HttpStatusCode.OK, int failures = 0)
    {
        private readonly Channel<JsonElement> _told = Channel.CreateUnbounded<JsonElement>();
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public void Use(WebApplication app) => app.MapPost("/hook", (JsonElement payload) =>
        {
            _told.Writer.TryWrite(payload);
            return Interlocked.Increment(ref _calls) <= failures ? Results.StatusCode((int)status) : Results.Ok();
        });

        public Task<JsonElement> NextAsync() =>
            _told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Within("the webhook to be called");
    }
}
