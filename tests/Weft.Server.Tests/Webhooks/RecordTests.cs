using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Webhooks;

/// <summary>Deliveries can be read and repeated.</summary>
public sealed class RecordTests
{
    [Fact]
    public async Task Deliveries_are_listed_page_by_page_and_read_with_their_attempts_and_payload()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var server = await HookServer.StartAsync();
        var runs = new List<string>();
        for (var count = 0; count < 3; count++)
        {
            runs.Insert(0, await server.RunAsync(receiver.Address));
            await server.DeliveryAsync(runs[0], delivery => delivery.Text("status") == "delivered");
        }

        var first = (await server.Root.GetAsync("/weft/webhooks?limit=2&status=delivered")).ShouldBeOk().Json;
        var second = (await server.Root.GetAsync($"/api/weft/webhooks?limit=2&cursor={first.Text("next")}")).ShouldBeOk().Json;

        Ids(first).Concat(Ids(second)).ShouldBe(runs);
        second.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        var one = (await server.Root.GetAsync($"/weft/webhooks/{runs[0]}")).ShouldBeOk().Json;
        one.GetProperty("attempts").EnumerateArray().ShouldHaveSingleItem().GetProperty("status_code").GetInt32().ShouldBe(204);
        one.Text("url").ShouldBe(receiver.Address.ToString());
        one.GetProperty("payload").Text("run_id").ShouldBe(runs[0]);
    }

    [Fact]
    public async Task A_delivery_is_repeated_with_the_same_id_also_after_its_thread_was_deleted()
    {
        await using var receiver = await HookReceiver.StartAsync(http =>
        {
            http.Response.StatusCode = (int)HttpStatusCode.Gone;
            return Task.CompletedTask;
        });
        await using var server = await HookServer.StartAsync();
        var run = await server.RunAsync(receiver.Address);
        await server.DeliveryAsync(run, delivery => delivery.Text("status") == "failed");

        // The run was stateless, so its thread no longer exists.
        var resent = (await server.Root.PostAsync($"/weft/webhooks/{run}/resend")).ShouldBeOk().Json;

        resent.Text("run_id").ShouldBe(run);
        await server.DeliveryAsync(run, delivery => delivery.GetProperty("attempts").GetArrayLength() == 2);
        receiver.All.Select(call => call.Headers["webhook-id"]).ShouldBe([run, run]);
    }

    [Fact]
    public async Task A_thread_that_is_deleted_before_the_delivery_does_not_prevent_it_and_takes_ended_ones_along()
    {
        var isDead = true;
        await using var receiver = await HookReceiver.StartAsync(http =>
        {
            http.Response.StatusCode = isDead ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var server = await HookServer.StartAsync(options => options.FirstDelay = TimeSpan.FromSeconds(1));
        var thread = await server.Root.NewThreadAsync();
        var body = Bodies.Echo(more: $$""","webhook":"{{receiver.Address}}" """);
        var run = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().RunId;
        await server.DeliveryAsync(run, delivery => delivery.GetProperty("attempts").GetArrayLength() > 0);

        (await server.Root.DeleteAsync($"/threads/{thread}")).Status.ShouldBe(204);
        isDead = false;

        await server.DeliveryAsync(run, delivery => delivery.Text("status") == "delivered");
        receiver.All[^1].Json.GetProperty("values").Texts().ShouldBe(["hi", "echo: hi"]);

        var other = await server.Root.NewThreadAsync();
        var ended = (await server.Root.PostAsync($"/threads/{other}/runs/wait", body)).ShouldBeOk().RunId;
        await server.DeliveryAsync(ended, delivery => delivery.Text("status") == "delivered");
        await server.Root.DeleteAsync($"/threads/{other}");
        (await server.Root.GetAsync($"/weft/webhooks/{ended}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task An_ended_delivery_is_removed_after_some_days()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await HookServer.StartAsync(time: time);
        var run = await server.RunAsync(receiver.Address);
        await server.DeliveryAsync(run, delivery => delivery.Text("status") == "delivered");

        time.Advance(TimeSpan.FromDays(2.9));
        (await server.Root.GetAsync($"/weft/webhooks/{run}")).Status.ShouldBe(200);
        await Waiting.Until(
            async () =>
            {
                time.Advance(TimeSpan.FromHours(1));
                return (await server.Root.GetAsync($"/weft/webhooks/{run}")).Status == 404;
            },
            "the delivery to be removed");
    }

    [Fact]
    public async Task Another_actor_sees_nothing()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var app = await GuestApp.StartAsync(
            app => app.MapWeft(), HeaderUsers.Add, options => options.Webhooks.AllowedHosts.Add("127.0.0.1"));
        var body = Bodies.Echo(more: $$""","webhook":"{{receiver.Address}}" """);
        var run = (await app.Root.PostAsync("/runs", body, ("x-user", "alice"))).ShouldBeOk().String("run_id");
        await receiver.NextAsync();

        var missing = $"The webhook of run {run} was not found";
        (await app.Root.GetAsync($"/weft/webhooks/{run}", ("x-user", "bob"))).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldBe(missing);
        (await app.Root.PostAsync($"/weft/webhooks/{run}/resend", null, ("x-user", "bob")))
            .ShouldBe(HttpStatusCode.NotFound).Detail.ShouldBe(missing);
        Ids((await app.Root.GetAsync("/weft/webhooks", ("x-user", "bob"))).Json).ShouldBeEmpty();
        Ids((await app.Root.GetAsync($"/weft/webhooks?cursor={run}", ("x-user", "bob"))).Json).ShouldBeEmpty();
        Ids((await app.Root.GetAsync("/weft/webhooks", ("x-user", "alice"))).Json).ShouldBe([run]);
        receiver.All.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("/weft/webhooks?limit=0", "query.limit")]
    [InlineData("/weft/webhooks?limit=x", "query.limit")]
    [InlineData("/weft/webhooks?status=done", "query.status")]
    [InlineData("/weft/webhooks?cursor=x", "query.cursor")]
    [InlineData("/weft/webhooks/x", "path.run_id")]
    public async Task A_field_that_is_wrong_is_named(string path, string field)
    {
        await using var server = await HookServer.StartAsync();

        (await server.Root.GetAsync(path)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith(field);
    }

    private static string[] Ids(JsonElement page) =>
        [.. page.GetProperty("webhooks").EnumerateArray().Select(webhook => webhook.Text("run_id"))];
}
