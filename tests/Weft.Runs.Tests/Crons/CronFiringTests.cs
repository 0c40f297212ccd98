using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Weft.Runs.Tests.Crons;

/// <summary>When crons create runs, from noon on.</summary>
public sealed class CronFiringTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cron_creates_one_run_at_each_time_of_its_schedule()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var cron = await AddAsync(server, "*/2 * * * *", "a", thread);
        cron.NextRunAt.ShouldBe(At("12:02"));

        await AdvanceToAsync(server, cron, "12:02", next: "12:04");
        (await RunsAsync(server, thread)).Count.ShouldBe(1);
        await AdvanceToAsync(server, cron, "12:04", next: "12:06");

        var runs = await RunsAsync(server, thread);
        runs.Count.ShouldBe(2);
        runs.ShouldAllBe(run => run.Owner == RunsUnderTest.Me.Id && run.Metadata.Contains($"\"cron_id\":\"{cron.CronId}\""));
        (await server.EndAsync(runs[0])).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:a reply:a note:a reply:a");
    }

    [Fact]
    public async Task Of_the_runs_that_were_due_while_the_server_was_stopped_the_last_one_is_created()
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        var cron = await AddAsync(before, "*/10 * * * *", "a", thread);
        await before.StopAsync();
        before.Time.Advance(TimeSpan.FromMinutes(45));

        await using var server = await StartAsync(before: before);

        await StepsToAsync(server, cron, "12:50");
        (await RunsAsync(server, thread)).ShouldHaveSingleItem().Metadata.ShouldContain("\"cron_due\":\"2026-01-02T12:40:00+00:00\"");
    }

    [Theory]
    [InlineData("12:09", 1)]
    [InlineData("12:11", 0)]
    public async Task A_run_that_is_later_than_the_grace_is_not_created(string start, int count)
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        var cron = await AddAsync(before, "0 * * * *", "a", thread);
        await before.StopAsync();
        before.Time.SetUtcNow(At(start).AddHours(1));

        await using var server = await StartAsync(options => options.CronGrace = TimeSpan.FromMinutes(10), before);

        await StepsToAsync(server, cron, "14:00");
        (await RunsAsync(server, thread)).Count.ShouldBe(count);
    }

    [Fact]
    public async Task A_cron_ends_with_its_last_time()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var cron = await AddAsync(server, "* * * * *", "a", thread, cron => cron with { EndTime = At("12:01") });

        await AdvanceToAsync(server, cron, "12:01", next: null);

        (await RunsAsync(server, thread)).Count.ShouldBe(1);
        (await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop)).IsEnabled.ShouldBeTrue();
        var never = await AddAsync(server, "0 0 1 1 *", "a", thread, cron => cron with { EndTime = At("13:00") });
        never.NextRunAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_disabled_cron_waits_and_an_enabled_one_continues_with_the_next_time()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var cron = await AddAsync(server, "*/2 * * * *", "a", thread, cron => cron with { IsEnabled = false });
        cron.NextRunAt.ShouldBeNull();
        server.Time.Advance(TimeSpan.FromMinutes(5));

        var enabled = await server.Crons.ChangeAsync(RunsUnderTest.Me, cron.CronId, cron => cron with { IsEnabled = true }, Stop);

        enabled.NextRunAt.ShouldBe(At("12:06"));
        await AdvanceToAsync(server, cron, "12:06", next: "12:08");
        (await RunsAsync(server, thread)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_change_of_the_request_does_not_affect_when_a_cron_is_due()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var cron = await AddAsync(server, "*/5 * * * *", "a", thread);

        var changed = await server.Crons.ChangeAsync(RunsUnderTest.Me, cron.CronId, cron => cron with { Payload = Text("b") }, Stop);

        changed.NextRunAt.ShouldBe(cron.NextRunAt);
        await AdvanceToAsync(server, cron, "12:05", next: "12:10");
        await server.EndAsync((await RunsAsync(server, thread))[0]);
        (await server.TrailAsync(thread)).ShouldBe("note:b reply:b");
    }

    [Fact]
    public async Task A_run_on_a_busy_thread_waits_or_is_skipped_as_its_strategy_says()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        var waiting = await AddAsync(server, "1 * * * *", "a", thread);
        var rejecting = await AddAsync(server, "2 * * * *", "reject b", thread);

        await AdvanceToAsync(server, waiting, "12:01", next: "13:01");
        await AdvanceToAsync(server, rejecting, "12:02", next: "13:02");

        var runs = await RunsAsync(server, thread);
        runs.Select(run => run.Status).ShouldBe([RunStatus.Pending, RunStatus.Running]);
        server.HoldOf("hold").Released.SetResult();
        (await server.EndAsync(runs[0])).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:hold reply:hold note:a reply:a");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cron_without_its_thread_or_its_assistant_is_disabled(bool withoutAssistant)
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var cron = await AddAsync(server, "* * * * *", "a", thread);
        if (withoutAssistant)
        {
            SetText(server, cron, "nobody");
        }
        else
        {
            await server.Threads.DeleteAsync(RunsUnderTest.Me, thread, Stop);
        }

        await AdvanceToAsync(server, cron, "12:01", next: null);

        (await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop)).IsEnabled.ShouldBeFalse();
        server.Count("SELECT count(*) FROM runs").ShouldBe(0);
    }

    [Fact]
    public async Task A_request_that_is_refused_skips_its_time_and_holds_up_no_other_cron()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var wrong = await AddAsync(server, "* * * * *", "a", thread);
        SetText(server, wrong, "wrong");
        var broken = await AddAsync(server, "* * * * *", "a", thread);
        SetText(server, broken, "broken");
        var withoutGraph = await AddAsync(server, "* * * * *", "a", thread);
        SetText(server, withoutGraph, "graph");
        var withoutCheckpoint = await AddAsync(server, "* * * * *", "a", thread);
        SetText(server, withoutCheckpoint, "checkpoint");
        var right = await AddAsync(server, "* * * * *", "a", thread);

        foreach (var cron in (CronRecord[])[wrong, broken, withoutGraph, withoutCheckpoint, right])
        {
            await AdvanceToAsync(server, cron, "12:01", next: "12:02");
        }

        (await RunsAsync(server, thread)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task In_a_cluster_a_cron_with_unreadable_access_skips_its_time_and_delays_no_other_cron()
    {
        using var warnings = new Warnings();
        await using var server = await StartInClusterAsync(warnings);
        var thread = await server.NewThreadAsync();
        var broken = await AddAsync(server, "* * * * *", "a", thread);
        var right = await AddAsync(server, "* * * * *", "a", thread);
        server.Execute($"UPDATE crons SET access = 'no json' WHERE cron_id = x'{broken.CronId.Value:N}'");

        foreach (var (time, next) in ((string, string)[])[("12:01", "12:02"), ("12:02", "12:03")])
        {
            await AdvanceToAsync(server, right, time, next);
            await AdvanceToAsync(server, broken, time, next);
        }

        (await RunsAsync(server, thread)).Count.ShouldBe(2);
        await UntilAsync(() => Task.FromResult(warnings.Texts.Count >= 2));
        warnings.Texts.Count(text => text.StartsWith($"Cron {broken.CronId} skipped the run", StringComparison.Ordinal)).ShouldBe(2);
        warnings.Texts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_cron_whose_graph_only_another_server_has_is_reported_once()
    {
        using var warnings = new Warnings();
        await using var server = await StartInClusterAsync(warnings);
        var thread = await server.NewThreadAsync();
        var foreign = await AddAsync(server, "* * * * *", "a", thread);
        var own = await AddAsync(server, "* * * * *", "a", thread);
        var (id, assistant) = ($"x'{foreign.CronId.Value:N}'", $"x'{AssistantIds.ForGraph("elsewhere").Value:N}'");
        server.Execute($"UPDATE crons SET assistant_id = {assistant} WHERE cron_id = {id}");

        foreach (var (time, next) in ((string, string)[])[("12:01", "12:02"), ("12:02", "12:03"), ("12:03", "12:04")])
        {
            await AdvanceToAsync(server, own, time, next);

            // The other server creates its run.
            server.Execute($"UPDATE crons SET version = version + 1, next_run_date = next_run_date + 60000000 WHERE cron_id = {id}");
        }

        (await RunsAsync(server, thread)).Count.ShouldBe(3);
        warnings.Texts.ShouldHaveSingleItem().ShouldStartWith($"Cron {foreign.CronId}, which has been due since ");
    }

    [Theory]
    [InlineData("reject b")]
    [InlineData("wrong")]
    [InlineData("graph")]
    public async Task A_cron_that_another_server_has_stepped_is_skipped_silently(string text)
    {
        using var warnings = new Warnings();
        await using var server = await RunsUnderTest.StartAsync(
            add: services => services.AddSingleton<ICronRequests, Requests>().AddSingleton<ILoggerProvider>(warnings));
        var thread = await server.NewThreadAsync();
        await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        var cron = await AddAsync(server, "0 * * * *", "a", thread);
        SetText(server, cron, text);
        var read = await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop);
        server.Execute("UPDATE crons SET version = version + 1, next_run_date = next_run_date + 3600000000");

        (await server.Firing.TryFireAsync(read with { NextRunAt = server.Time.GetUtcNow() }, Stop))
            .ShouldBe(CronResult.Handled);

        warnings.Texts.ShouldBeEmpty();
        (await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop)).NextRunAt.ShouldBe(At("14:00"));
        server.HoldOf("hold").Released.SetResult();
    }

    [Theory]
    [InlineData("wrong", "input")]
    [InlineData("nobody", "assistant_id")]
    public async Task A_request_that_is_not_valid_is_refused_at_once(string text, string field)
    {
        await using var server = await StartAsync();
        var cron = await AddAsync(server, "* * * * *", "a", null);

        (await Should.ThrowAsync<WeftException>(AddAsync(server, "* * * * *", text, null))).Field.ShouldBe(field);
        (await Should.ThrowAsync<WeftException>(server.Crons.ChangeAsync(
            RunsUnderTest.Me, cron.CronId, cron => cron with { Payload = Text(text) }, Stop))).Field.ShouldBe(field);
    }

    [Fact]
    public async Task A_cron_that_is_due_while_nothing_can_be_stored_creates_its_run_when_it_can()
    {
        await using var server = await StartAsync();
        var thread = await server.NewThreadAsync();
        var cron = await AddAsync(server, "0 13 * * *", "a", thread);
        using (server.HoldDatabase())
        {
            server.Time.Advance(TimeSpan.FromHours(1));
            await Task.Delay(100, Stop);
            (await RunsAsync(server, thread)).ShouldBeEmpty();
        }

        await UntilAsync(async () =>
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            return (await RunsAsync(server, thread)).Count > 0;
        });
        server.Time.Advance(TimeSpan.FromMinutes(10));
        (await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop)).NextRunAt.ShouldBe(At("13:00").AddDays(1));
        (await RunsAsync(server, thread)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_full_server_delays_the_run_of_a_cron()
    {
        await using var server = await StartAsync(options => (options.ConcurrentRunsMax, options.QueuedRunsMax) = (1, 1));
        var thread = await server.NewThreadAsync();
        await server.CreateAsync(null, "hold");
        await server.CreateAsync(null, "b");
        await server.HoldOf("hold").Reached.Task;
        var cron = await AddAsync(server, "30 * * * *", "a", thread);
        server.Time.Advance(TimeSpan.FromMinutes(30));
        await Task.Delay(100, Stop);
        (await RunsAsync(server, thread)).ShouldBeEmpty();

        server.HoldOf("hold").Released.SetResult();

        await UntilAsync(async () =>
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            return (await RunsAsync(server, thread)).Count == 1;
        });
        (await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop)).NextRunAt.ShouldBe(At("13:30"));
    }

    [Fact]
    public async Task A_thousand_crons_that_are_due_at_once_create_a_run_each()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 1_000; i++)
        {
            await AddAsync(server, "1 * * * *", "a", null);
        }

        server.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(() =>
        {
            // The clock goes on: a wait that begins while it is set would otherwise never end.
            server.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(server.Count("SELECT count(*) FROM crons WHERE version = 1") == 1_000);
        });

        server.Count("SELECT count(*) FROM crons WHERE version = 1").ShouldBe(1_000);
    }

    private static Task<RunsUnderTest> StartAsync(Action<RunsOptions>? configure = null, RunsUnderTest? before = null) =>
        RunsUnderTest.StartAsync(configure, before, services => services.AddSingleton<ICronRequests, Requests>());

    /// <summary>Starts a server that is one of a cluster.</summary>
    private static Task<RunsUnderTest> StartInClusterAsync(Warnings warnings)
    {
        var identity = new ServerIdentity();
        identity.Join(5);
        return RunsUnderTest.StartAsync(add: services => services
            .AddSingleton<ICronRequests, Requests>().AddSingleton<ILoggerProvider>(warnings).AddSingleton(identity));
    }

    private static Task<CronRecord> AddAsync(
        RunsUnderTest server, string schedule, string text, ThreadId? thread, Func<CronRecord, CronRecord>? change = null)
    {
        var cron = new CronRecord
        {
            CronId = CronId.New(server.Time),
            AssistantId = AssistantIds.ForGraph("talk"),
            ThreadId = thread,
            Schedule = schedule,
            Payload = Text(text),
            CreatedAt = default,
            UpdatedAt = default,
        };
        return server.Crons.CreateAsync(RunsUnderTest.Me, change is null ? cron : change(cron), Stop);
    }

    /// <summary>Changes the request of a cron behind the server's back.</summary>
    private static void SetText(RunsUnderTest server, CronRecord cron, string text) =>
        server.Execute($"UPDATE crons SET payload = CAST('\"{text}\"' AS BLOB) WHERE cron_id = x'{cron.CronId.Value:N}'");

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text));

    private static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse($"2026-01-02T{time}Z", CultureInfo.InvariantCulture);

    private static Task<IReadOnlyList<RunRecord>> RunsAsync(RunsUnderTest server, ThreadId thread) =>
        server.Runs.SearchAsync(RunsUnderTest.Me, thread, null, 100, 0, Stop);

    /// <summary>Sets the clock, and waits until the cron has stepped.</summary>
    private static async Task AdvanceToAsync(RunsUnderTest server, CronRecord cron, string time, string? next)
    {
        if (server.Time.GetUtcNow() < At(time))
        {
            server.Time.SetUtcNow(At(time));
        }

        await StepsToAsync(server, cron, next);
    }

    /// <summary>Waits until the cron has stepped. The clock goes on a little, in case the worker has just set its timer.</summary>
    private static Task StepsToAsync(RunsUnderTest server, CronRecord cron, string? next) => UntilAsync(async () =>
    {
        server.Time.Advance(TimeSpan.FromMilliseconds(10));
        return (await server.Crons.GetAsync(RunsUnderTest.Me, cron.CronId, Stop)).NextRunAt == (next is null ? null : At(next));
    });

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(10, Stop);
        }
    }

    /// <summary>Keeps what is logged as a warning or an error.</summary>
    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Texts.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Payloads are texts.</summary>
    private sealed class Requests : ICronRequests
    {
        public RunSpec Read(CronRecord cron) => JsonElement.Parse(cron.Payload.Span).GetString() switch
        {
            "nobody" => RunsUnderTest.Spec(cron.ThreadId, "a") with { AssistantId = AssistantIds.ForGraph("nobody") },
            "wrong" => throw new WeftException(ProblemKind.Invalid, "It is wrong.", "input"),
            "broken" => throw new InvalidOperationException("It is broken."),
            "graph" => throw new WeftException(ProblemKind.NotFound, "No assistant found.", "assistant_id"),
            "checkpoint" => RunsUnderTest.Spec(cron.ThreadId, "a") with { CheckpointId = "1f000000-0000-6000-8000-000000000001" },
            { } text when text.StartsWith("reject", StringComparison.Ordinal) =>
                RunsUnderTest.Spec(cron.ThreadId, text) with { MultitaskStrategy = MultitaskStrategy.Reject },
            var text => RunsUnderTest.Spec(cron.ThreadId, text!),
        };
    }
}
