using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Limits;

/// <summary>Searches that read many rows hold up nobody else, and wait within a bound.</summary>
public sealed class ScanLimitTests
{
    [Fact]
    public async Task Others_are_answered_while_searches_wait_and_one_too_many_is_refused()
    {
        await using var server = await TestServer.StartAsync(
            configureRuns: static options => (options.ConcurrentScansMax, options.QueuedScansMax) = (1, 16));
        var api = server.Root;
        var thread = await api.NewThreadAsync();
        (await api.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk();
        using var release = new ManualResetEventSlim();
        var scans = server.Services.GetRequiredService<ScanThreads>();
        var held = scans.RunAsync(
            () =>
            {
                release.Wait(TestContext.Current.CancellationToken);
                return Task.FromResult(true);
            },
            TestContext.Current.CancellationToken);

        var searches = Enumerable.Range(0, 17)
            .Select(i => (i % 2 == 0 ? api : server.Gateway).PostAsync("/threads/search", """{"values":{"title":"none"}}"""))
            .ToList();
        var refused = await (await Task.WhenAny(searches));

        refused.ShouldBe(HttpStatusCode.TooManyRequests).Detail.ShouldContain("16");
        int.Parse(refused.Header("Retry-After")!).ShouldBeGreaterThan(0);
        searches.Count(static search => search.IsCompleted).ShouldBe(1);
        (await api.GetAsync("/ok?check_db=1")).ShouldBeOk();
        (await api.GetAsync($"/threads/{thread}")).ShouldBeOk();
        (await api.PostAsync("/threads/search", """{"metadata":{"graph_id":"echo"}}""")).ShouldBeOk().Json.GetArrayLength().ShouldBe(1);
        (await api.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("again"))).ShouldBeOk().Json.Texts()[^1].ShouldBe("echo: again");

        release.Set();
        (await held).ShouldBeTrue();
        (await Task.WhenAll(searches)).Count(static answer => answer.Status == 200).ShouldBe(16);
    }
}
