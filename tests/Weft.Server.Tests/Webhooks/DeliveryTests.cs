using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Weft.Server.Tests.Webhooks;

/// <summary>What is sent, and when.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_run_is_sent_when_it_is_stored(bool isStateless)
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var server = await HookServer.StartAsync();
        var thread = await server.Root.NewThreadAsync();

        var path = isStateless ? "/runs" : $"/threads/{thread}/runs";
        var more = $$""","webhook":"{{receiver.Address}}ended?a=1","metadata":{"a":1}""";
        var run = (await server.Root.PostAsync(path, Bodies.Echo(more: more))).ShouldBeOk();

        var call = await receiver.NextAsync();
        call.Path.ShouldBe("/ended");
        call.Headers["content-type"].ShouldBe("application/json");
        call.Headers["webhook-id"].ShouldBe(run.String("run_id"));
        call.Headers.Keys.ShouldNotContain("webhook-signature");
        var told = call.Json;
        (told.Text("run_id"), told.Text("status")).ShouldBe((run.String("run_id"), "success"));
        told.GetProperty("values").Texts().ShouldBe(["hi", "echo: hi"]);
        told.GetProperty("metadata").GetProperty("a").GetInt32().ShouldBe(1);
        told.Names().ShouldNotContain("error");
        var times = ((string[])["created_at", "run_started_at", "run_ended_at", "webhook_sent_at"])
            .Select(name => told.GetProperty(name).GetDateTimeOffset())
            .ToList();
        times.ShouldBe(times.Order());
        if (!isStateless)
        {
            (await server.Root.GetAsync($"/threads/{thread}/runs/{run.String("run_id")}")).String("status").ShouldBe("success");
            (await server.Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
        }
    }

    [Fact]
    public async Task The_cancel_of_a_large_run_that_waits_is_sent_with_its_input()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var server = await HookServer.StartAsync();
        var gate = server.Gates.New();
        var thread = await server.Root.NewThreadAsync();
        await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        var large = new string('x', 300_000);
        var run = (await server.Root.PostAsync(
            $"/threads/{thread}/runs", Bodies.Echo(large, $$""","webhook":"{{receiver.Address}}" """))).ShouldBeOk();

        (await server.Root.PostAsync(run.RunPath + "/cancel")).ShouldBeOk();

        var told = (await receiver.NextAsync()).Json;
        told.Text("status").ShouldBe("interrupted");
        told.GetProperty("kwargs").GetProperty("input").GetProperty("messages")[0].Text("content").ShouldBe(large);
        gate.Open();
    }

    [Fact]
    public async Task A_failure_a_pause_a_cancel_and_a_rollback_are_sent_too()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var server = await HookServer.StartAsync();
        var more = $$""","webhook":"{{receiver.Address}}" """;
        var gate = server.Gates.New();
        var thread = await server.Root.NewThreadAsync();

        await server.Root.PostAsync("/runs/wait", Bodies.Failing(more: more));
        var failed = (await receiver.NextAsync()).Json;
        (failed.Text("status"), failed.Text("error")).ShouldBe(("error", "The tap is closed."));

        await server.Root.PostAsync("/runs/wait", Bodies.Asking(more));
        var paused = (await receiver.NextAsync()).Json;
        (paused.Text("status"), paused.GetProperty("values").GetProperty("__interrupt__").GetArrayLength()).ShouldBe(("success", 1));

        await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        foreach (var action in (string[])["interrupt", "rollback"])
        {
            var waiting = await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: more));
            await server.Root.PostAsync($"{waiting.RunPath}/cancel?action={action}");
            var cancelled = (await receiver.NextAsync()).Json;
            (cancelled.Text("run_id"), cancelled.Text("status")).ShouldBe((waiting.RunId, "interrupted"));
            cancelled.GetProperty("run_started_at").ValueKind.ShouldBe(JsonValueKind.Null);
        }

        gate.Open();
    }

    [Fact]
    public async Task A_path_of_the_server_itself_is_called()
    {
        var called = new TaskCompletionSource<JsonElement>();
        await using var server = await TestServer.StartAsync(
            use: app => app.MapPost("/hook", (JsonElement told) => called.TrySetResult(told)));

        var run = await server.Root.PostAsync("/runs", Bodies.Echo(more: ""","webhook":"/hook" """));

        (await called.Task.Within("the webhook to be called")).Text("run_id").ShouldBe(run.String("run_id"));
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_changes_no_run()
    {
        await using var server = await HookServer.StartAsync();

        var run = await server.Root.PostAsync(
            $"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Echo(more: ""","webhook":"http://127.0.0.1:1/none" """));

        run.ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
        var delivery = await server.DeliveryAsync(run.RunId, delivery => delivery.GetProperty("attempts").GetArrayLength() == 1);
        delivery.GetProperty("attempts")[0].Text("error").ShouldBe("not_connected");
        delivery.Text("status").ShouldBe("pending");
    }

    [Fact]
    public async Task A_run_without_a_webhook_has_no_delivery()
    {
        await using var server = await HookServer.StartAsync();

        var run = (await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).ShouldBeOk();

        (await server.Root.GetAsync("/weft/webhooks")).ShouldBeOk().Text.ShouldBe("""{"webhooks":[],"next":null}""");
        (await server.Root.GetAsync($"/weft/webhooks/{run.RunId}")).Status.ShouldBe(404);
    }
}
