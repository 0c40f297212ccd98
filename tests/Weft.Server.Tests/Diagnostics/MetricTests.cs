using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Diagnostics;

/// <summary>What a server measures.</summary>
public sealed class MetricTests : IAsyncLifetime
{
    private TestServer? _server;
    private RecordedMeasurements? _measured;

    private TestServer Server => _server!;

    private RecordedMeasurements Measured => _measured!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(use: app =>
    {
        _measured = new RecordedMeasurements(app.Services.GetRequiredService<IMeterFactory>());
        app.MapPost("/hook/{status:int}", (int status) => Results.StatusCode(status));
    });

    public async ValueTask DisposeAsync()
    {
        _measured?.Dispose();
        await Server.DisposeAsync();
    }

    [Fact]
    public async Task Runs_are_measured_by_graph_and_status()
    {
        // A run is measured after its end was answered.
        await Server.Root.PostAsync("/runs/wait", Bodies.Echo());
        await Waiting.Until(() => Task.FromResult(Measured.Of("weft.run.duration").Count == 1), "the first run to be measured");
        await Server.Root.PostAsync("/runs/wait", Bodies.Failing());
        await Waiting.Until(() => Task.FromResult(Measured.Of("weft.run.duration").Count == 2), "the second run to be measured");

        Measured.Of("weft.run.duration").Select(run => run.Tags).ShouldBe(
            ["weft.graph.id=echo weft.run.status=success", "weft.graph.id=failing weft.run.status=error"]);
        Measured.Of("weft.run.duration").ShouldAllBe(run => run.Value > 0 && run.Value < 30);
        Measured.Of("weft.run.queue.duration").Select(run => run.Tags).ShouldBe(["weft.graph.id=echo", "weft.graph.id=failing"]);
    }

    [Fact]
    public async Task Runs_that_execute_and_runs_that_wait_are_counted()
    {
        var thread = await Server.Root.NewThreadAsync();
        var gate = Server.Gates.New();
        await Server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        var waiting = await Server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo());
        await gate.EnteredAsync();

        (Measured.Ask("weft.run.active"), Measured.Ask("weft.run.pending")).ShouldBe((1, 1));
        gate.Open();
        await Server.Root.GetAsync(waiting.RunPath + "/join");

        await Waiting.Until(
            () => Task.FromResult((Measured.Ask("weft.run.active"), Measured.Ask("weft.run.pending")) == (0, 0)), "the counts to be 0");
    }

    [Fact]
    public async Task Abandoned_code_is_counted_until_it_returns()
    {
        var hung = new HungCode();
        RecordedMeasurements? measured = null;
        await using var server = await TestServer.StartAsync(
            configureRuns: options => options.StopGrace = TimeSpan.FromMilliseconds(200),
            use: app => measured = new RecordedMeasurements(app.Services.GetRequiredService<IMeterFactory>()),
            add: weft => weft.AddGraph("hung", hung.Graph("node")));
        using var all = measured!;
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"hung","input":{}}""");
        await hung.EnteredAsync();
        all.Ask("weft.run.abandoned").ShouldBe(0);

        (await server.Root.PostAsync($"{run.RunPath}/cancel?wait=1")).ShouldBeOk();

        all.Ask("weft.run.abandoned").ShouldBe(1);
        await hung.ReleaseAsync();
        await Waiting.Until(() => Task.FromResult(all.Ask("weft.run.abandoned") == 0), "the abandoned call to return");
    }

    [Fact]
    public async Task Commits_are_measured()
    {
        await Server.Root.NewThreadAsync();

        Measured.Of("weft.commit.duration").ShouldNotBeEmpty();
        Measured.Of("weft.commit.duration").ShouldAllBe(commit => commit.Value > 0);
        Measured.Of("weft.commit.batch.size").Count.ShouldBe(Measured.Of("weft.commit.duration").Count);
        Measured.Of("weft.commit.batch.size").ShouldAllBe(batch => batch.Value >= 1);
    }

    [Fact]
    public async Task Readers_and_events_of_streams_are_counted()
    {
        var gate = Server.Gates.New();
        using (var stream = await Server.Root.StreamAsync("/runs/stream", Bodies.Gated(gate)))
        {
            await gate.EnteredAsync();
            await Waiting.Until(() => Task.FromResult(Measured.Ask("weft.stream.readers") == 1), "one reader");
            gate.Open();
            var frames = await stream.ToEndAsync();
            Measured.Of("weft.stream.events").Sum(events => events.Value).ShouldBe(frames.Count);
        }

        await Waiting.Until(() => Task.FromResult(Measured.Ask("weft.stream.readers") == 0), "no reader");
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(410, "error.type=410")]
    public async Task Webhooks_are_counted(int status, string tags)
    {
        await Server.Root.PostAsync("/runs/wait", Bodies.Echo(more: $$""","webhook":"/hook/{{status}}" """));

        await Waiting.Until(() => Task.FromResult(Measured.Of("weft.webhook.deliveries").Count == 1), "the webhook to be called");
        Measured.Of("weft.webhook.deliveries").ShouldHaveSingleItem().Tags.ShouldBe(tags);
        Measured.Of("weft.webhook.call.duration").ShouldHaveSingleItem().Tags.ShouldBe(tags);
    }
}
