using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

public sealed class ThreadPruneTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Threads_can_be_deleted_together()
    {
        var threads = (string[])[await Root.NewThreadAsync(), await Root.NewThreadAsync()];
        var gate = Gates.New();
        await Root.PostAsync($"/threads/{threads[1]}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        var pruned = await Root.PostAsync(
            "/threads/prune", $$"""{"thread_ids":["{{threads[0]}}","{{threads[1]}}","{{threads[0]}}","{{NewId()}}"]}""");

        pruned.ShouldBeOk().Json.ShouldBeJson("""{"pruned_count":2}""");
        (await Root.GetAsync($"/threads/{threads[0]}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{threads[1]}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_a_thread_only_the_newest_state_can_be_kept()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"));
        var before = (await Root.GetAsync($"/threads/{thread}/state")).Text;

        (await PruneAsync(thread)).ShouldBe(1);

        (await Root.GetAsync($"/threads/{thread}/state")).Text.ShouldBe(before);
        (await Root.PostAsync($"/threads/{thread}/history", """{"limit":100}""")).Json.GetArrayLength().ShouldBe(1);
        (await PruneAsync(thread)).ShouldBe(1);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("three")))
            .Json.Texts()
            .ShouldBe(["one", "echo: one", "two", "echo: two", "three", "echo: three"]);
        (await Root.PostAsync($"/threads/{thread}/history", """{"limit":100}"""))
            .Json.EnumerateArray()
            .First()
            .GetProperty("values")
            .Texts()
            .Length.ShouldBe(6);
    }

    [Fact]
    public async Task A_thread_that_asks_can_be_answered_after_it_was_pruned()
    {
        var thread = await Root.NewThreadAsync();
        const string Begin = """{"assistant_id":"nested","input":{"messages":[]}}""";
        await Root.PostAsync($"/threads/{thread}/runs/wait", Begin);
        await Root.PostAsync($"/threads/{thread}/runs/wait", Begin);
        var before = (await Root.GetAsync($"/threads/{thread}/state?subgraphs=true")).ShouldBeOk().Text;

        (await PruneAsync(thread)).ShouldBe(1);

        (await Root.GetAsync($"/threads/{thread}/state?subgraphs=true")).Text.ShouldBe(before);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"nested","command":{"resume":"green"}}"""))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["you chose green"]);
        var remembered = await Root.PostAsync($"/threads/{thread}/state/checkpoint", """{"checkpoint":{"checkpoint_ns":"remember"}}""");
        remembered.ShouldBeOk().Json.GetProperty("values").GetProperty("visits").GetArrayLength().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task The_states_of_a_thread_with_a_run_are_left_alone()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        (await PruneAsync(thread)).ShouldBe(0);

        gate.Open();
        (await Root.GetAsync(run.RunPath + "/join")).ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "one two"]);
    }

    [Theory]
    [InlineData("""{}""", "thread_ids")]
    [InlineData("""{"thread_ids":["no"]}""", "thread_ids")]
    [InlineData("""{"thread_ids":[],"strategy":"some"}""", "strategy")]
    public async Task A_request_to_prune_that_is_wrong_is_refused(string body, string field) =>
        (await Root.PostAsync("/threads/prune", body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(field);

    [Fact]
    public async Task A_thread_goes_when_its_time_has_come()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(time: time);
        var brief = (await server.Root.PostAsync("/threads", """{"ttl":15}""")).ShouldBeOk().String("thread_id");
        var later = (await server.Root.PostAsync("/threads", """{"ttl":{"ttl":15,"strategy":"delete"}}"""))
            .ShouldBeOk()
            .String("thread_id");
        var busy = (await server.Root.PostAsync("/threads", """{"ttl":15}""")).ShouldBeOk().String("thread_id");
        var kept = await server.Root.NewThreadAsync();
        var gate = server.Gates.New();
        await server.Root.PostAsync($"/threads/{busy}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        (await server.Root.PatchAsync($"/threads/{later}", """{"ttl":{"ttl":60}}""")).ShouldBeOk();
        var ttl = (await server.Root.GetAsync($"/threads/{later}?include=ttl")).ShouldBeOk().Json.GetProperty("ttl");
        (ttl.Text("strategy"), ttl.GetProperty("ttl_minutes").GetDouble()).ShouldBe(("delete", 60));
        ttl.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(time.GetUtcNow().AddMinutes(60), TimeSpan.FromMilliseconds(1));
        (await server.Root.GetAsync($"/threads/{later}")).Json.Names().ShouldNotContain("ttl");
        (await server.Root.GetAsync($"/threads/{kept}?include=ttl"))
            .Json.GetProperty("ttl")
            .ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);

        time.Advance(TimeSpan.FromMinutes(10));
        time.Advance(TimeSpan.FromMinutes(10));
        await Waiting.Until(async () => (await server.Root.GetAsync($"/threads/{brief}")).Status == 404, "the thread to be swept");

        foreach (var thread in (string[])[later, busy, kept])
        {
            (await server.Root.GetAsync($"/threads/{thread}")).ShouldBeOk();
        }

        gate.Open();
    }

    [Fact]
    public async Task A_thread_may_keep_its_newest_state_when_its_time_has_come_and_the_time_begins_anew()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(time: time);
        var thread = (await server.Root.PostAsync("/threads", """{"ttl":{"ttl":5,"strategy":"keep_latest"}}"""))
            .ShouldBeOk()
            .String("thread_id");
        await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));

        time.Advance(TimeSpan.FromMinutes(10));
        await Waiting.Until(
            async () => (await server.Root.GetAsync($"/threads/{thread}/history")).Json.GetArrayLength() == 1,
            "the thread to be pruned");

        (await server.Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts().ShouldBe(["one", "echo: one"]);
        await Waiting.Until(
            async () =>
                (await server.Root.GetAsync($"/threads/{thread}?include=ttl"))
                    .Json.GetProperty("ttl")
                    .GetProperty("expires_at")
                    .GetDateTimeOffset() > time.GetUtcNow(),
            "the time to begin anew");
    }

    [Theory]
    [InlineData("0", "ttl")]
    [InlineData("-1", "ttl")]
    [InlineData("1e300", "ttl")]
    [InlineData("\"soon\"", "ttl")]
    [InlineData("{}", "ttl.ttl")]
    [InlineData("{\"ttl\":true}", "ttl.ttl")]
    [InlineData("{\"ttl\":1,\"strategy\":\"archive\"}", "ttl.strategy")]
    public async Task A_time_that_makes_no_sense_is_refused(string ttl, string field)
    {
        (await Root.PostAsync("/threads", $$"""{"ttl":{{ttl}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain(field);
        (await Root.PatchAsync($"/threads/{await Root.NewThreadAsync()}", $$"""{"ttl":{{ttl}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain(field);
    }

    private async Task<int> PruneAsync(string thread) =>
        (await Root.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}"],"strategy":"keep_latest"}"""))
            .ShouldBeOk()
            .Json.GetProperty("pruned_count")
            .GetInt32();
}
