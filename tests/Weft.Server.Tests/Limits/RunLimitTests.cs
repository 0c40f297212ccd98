using System.Net;
using Weft.Runs;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Limits;

/// <summary>The limits of an actor's runs.</summary>
public sealed class RunLimitTests
{
    [Fact]
    public async Task A_run_over_the_limit_of_its_actor_waits_in_the_queue()
    {
        await using var server = await StartAsync(static options => options.ConcurrentRunsPerActorMax = 1);
        var api = server.Root;
        var (first, second, bobs) = (server.Gates.New(), server.Gates.New(), server.Gates.New());
        var running = await CreateAsync(api, Ada, first);
        var waiting = await CreateAsync(api, Ada, second);
        await first.EnteredAsync();

        (await api.GetAsync(waiting, Ada)).String("status").ShouldBe("pending");
        var thread = waiting.Split("/runs/")[0];
        (await api.GetAsync($"{thread}/queue", Ada)).ShouldBeOk().Json.GetArrayLength().ShouldBe(1);
        await CreateAsync(api, Bob, bobs);
        await bobs.EnteredAsync();

        first.Open();
        await second.EnteredAsync();
        (await api.GetAsync(waiting, Ada)).String("status").ShouldBe("running");
        second.Open();
        (await api.GetAsync($"{waiting}/join", Ada)).ShouldBeOk();
        (await api.GetAsync(running, Ada)).String("status").ShouldBe("success");
        bobs.Open();
    }

    [Fact]
    public async Task A_waiting_run_can_be_cancelled_and_one_that_is_cancelled_makes_room()
    {
        await using var server = await StartAsync(static options => options.ConcurrentRunsPerActorMax = 1);
        var api = server.Root;
        var (first, third) = (server.Gates.New(), server.Gates.New());
        var running = await CreateAsync(api, Ada, first);
        await first.EnteredAsync();
        var waiting = await CreateAsync(api, Ada, server.Gates.New());
        await CreateAsync(api, Ada, third);

        (await api.PostAsync($"{waiting}/cancel?wait=1", null, Ada)).ShouldBeOk();
        (await api.GetAsync(waiting, Ada)).String("status").ShouldBe("interrupted");
        (await api.PostAsync($"{running}/cancel", null, Ada)).ShouldBeOk();

        await third.EnteredAsync();
        third.Open();
    }

    [Fact]
    public async Task An_actor_with_too_many_unfinished_runs_is_refused_until_one_has_ended()
    {
        await using var server = await StartAsync(static options => options.UnfinishedRunsPerActorMax = 2);
        var api = server.Root;
        var gate = server.Gates.New();
        var threads = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => NewThreadAsync(api, Ada)));

        // At once, so that the limit is exact.
        var answers = await Task.WhenAll(
            threads.Select(thread => api.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate), Ada)));

        answers.Count(static answer => answer.Status == 200).ShouldBe(2);
        var refused = answers.Where(static answer => answer.Status != 200).ToList();
        refused.ShouldAllBe(static answer => answer.Status == 429 && answer.Header("Retry-After") == "5");
        refused[0].Detail.ShouldBe("The caller may have at most 2 runs that have not ended. Try again later.");
        (await api.PostAsync("/runs/batch", $"[{Bodies.Gated(gate)},{Bodies.Gated(gate)},{Bodies.Gated(gate)}]", Bob))
            .ShouldBe(HttpStatusCode.TooManyRequests);
        (await api.PostAsync("/runs/batch", $"[{Bodies.Gated(gate)},{Bodies.Gated(gate)}]", Bob)).ShouldBeOk();

        gate.Open();
        await Task.WhenAll(
            answers.Where(static answer => answer.Status == 200).Select(answer => api.GetAsync($"{answer.RunPath}/join", Ada)));
        (await api.PostAsync($"/threads/{threads[0]}/runs/wait", Bodies.Gated(gate), Ada)).ShouldBeOk();
    }

    [Fact]
    public async Task A_refused_run_counts_for_nothing()
    {
        await using var server = await StartAsync(static options => options.UnfinishedRunsPerActorMax = 1);
        var api = server.Root;
        for (var i = 0; i < 3; i++)
        {
            (await api.PostAsync("/runs/batch", """[{"assistant_id":"no such graph","input":{}}]""", Ada)).ShouldBe(HttpStatusCode.NotFound);
            (await api.PostAsync($"/threads/{Guid.NewGuid()}/runs", """{"assistant_id":"echo","input":{}}""", Ada))
                .ShouldBe(HttpStatusCode.NotFound);
        }

        (await api.PostAsync("/runs/wait", """{"assistant_id":"echo","input":{}}""", Ada)).ShouldBeOk();
    }

    private static Task<TestServer> StartAsync(Action<RunsOptions> configure) =>
        TestServer.StartAsync(configureRuns: configure, add: static weft => HeaderUsers.Add(weft.Services));

    private static async Task<string> NewThreadAsync(Api api, (string, string) user) =>
        (await api.PostAsync("/threads", null, user)).ShouldBeOk().String("thread_id");

    private static async Task<string> CreateAsync(Api api, (string, string) user, Gate gate) =>
        (await api.PostAsync($"/threads/{await NewThreadAsync(api, user)}/runs", Bodies.Gated(gate), user)).ShouldBeOk().RunPath;
}
