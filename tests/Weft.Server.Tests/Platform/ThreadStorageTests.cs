using System.Net;

namespace Weft.Server.Tests.Platform;

/// <summary>What a thread occupies in storage (docs/protocol/threads.md B3).</summary>
public sealed class ThreadStorageTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_thread_grows_by_what_its_runs_write(string mount)
    {
        var thread = await Root.NewThreadAsync();
        var path = $"{mount}/threads/{thread}/storage";
        (await Root.GetAsync(path)).ShouldBeOk().Text.ShouldBe(
            $$$"""
            {"thread_id":"{{{thread}}}","total_bytes":0,"checkpoints":{"count":0,"bytes":0},"channel_values":{"count":0,"bytes":0,"channels":{}},"pending_writes":{"count":0,"bytes":0}}
            """.Trim());

        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(new string('x', 10_000)));
        var first = await StorageAsync(path);
        // The text, the answer that repeats it, and little else: no value is stored twice.
        first.Channels["messages"].ShouldBeInRange(10_000, 22_000);
        first.Total.ShouldBe(first.Checkpoints + first.Values + first.Writes);
        first.Values.ShouldBe(first.Channels.Values.Sum());

        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("short"));
        var second = await StorageAsync(path);
        (second.Total - first.Total).ShouldBeInRange(1, 5_000);
        second.Count.ShouldBeGreaterThan(first.Count);

        await Root.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}"],"strategy":"keep_latest"}""");
        (await StorageAsync(path)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Outcomes_of_a_superstep_that_waits_are_pending_writes()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"both","input":{}}""");

        (await StorageAsync($"/threads/{thread}/storage")).Writes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_thread_that_does_not_exist_or_is_not_ones_own_is_not_measured()
    {
        (await Root.GetAsync($"/threads/{NewId()}/storage")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync("/threads/x/storage")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("thread_id");
        await using var server = await TestServer.StartAsync(
            configure: options => options.ActorOf = http => http.Request.Headers["x-tenant"]);
        var thread = (await server.Root.PostAsync("/threads", "{}", ("x-tenant", "ada"))).String("thread_id");
        (await server.Root.GetAsync($"/threads/{thread}/storage", ("x-tenant", "bob"))).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.GetAsync($"/threads/{thread}/storage", ("x-tenant", "ada"))).ShouldBeOk();
    }

    private async Task<Sizes> StorageAsync(string path)
    {
        var json = (await Root.GetAsync(path)).ShouldBeOk().Json;
        long Bytes(string part) => json.GetProperty(part).GetProperty("bytes").GetInt64();
        return new Sizes(
            json.GetProperty("total_bytes").GetInt64(),
            json.GetProperty("checkpoints").GetProperty("count").GetInt64(),
            Bytes("checkpoints"),
            Bytes("channel_values"),
            Bytes("pending_writes"),
            json.GetProperty("channel_values").GetProperty("channels").EnumerateObject()
                .ToDictionary(channel => channel.Name, channel => channel.Value.GetInt64()));
    }

    private sealed record Sizes(long Total, long Count, long Checkpoints, long Values, long Writes, Dictionary<string, long> Channels);
}
