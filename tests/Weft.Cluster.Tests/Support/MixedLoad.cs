using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Weft.Cluster.Tests;

/// <summary>
/// Clients that edit and delete threads, delay runs and wait for their webhooks, each on a thread of its own, a cron that is due each
/// minute, and a model of what was acknowledged to them.
/// </summary>
internal sealed class MixedLoad : IAsyncDisposable
{
    private const int Clients = 2;

    private readonly ClusterUnderTest _cluster;
    private readonly PatientClient _client;
    private readonly HookReceiver _receiver;
    private readonly ConcurrentQueue<EditedThread> _edited = new();
    private readonly ConcurrentQueue<DeletedThread> _deleted = new();
    private readonly ConcurrentQueue<DelayedRun> _delayed = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _place = Guid.NewGuid().ToString();
    private DateTimeOffset _scheduled;
    private DateTimeOffset _unscheduled;
    private string _cronId = "";
    private Task _clients = Task.CompletedTask;
    private int _last;

    private MixedLoad(ClusterUnderTest cluster, Func<Exception, bool> repeats, HookReceiver receiver)
    {
        _cluster = cluster;
        _client = new PatientClient(cluster, repeats);
        _receiver = receiver;
    }

    /// <summary>The requests that failed although their client repeats what it may.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Starts the clients.</summary>
    /// <param name="cluster">The servers.</param>
    /// <param name="seed">Decides what the clients do.</param>
    /// <param name="repeats">Whether a client repeats a request that failed so.</param>
    public static async Task<MixedLoad> StartAsync(ClusterUnderTest cluster, int seed, Func<Exception, bool> repeats)
    {
        var load = new MixedLoad(cluster, repeats, await HookReceiver.StartAsync());
        await load.ScheduleAsync();
        load._clients = Task.WhenAll(
            Enumerable.Range(1, Clients).Select(client => Task.Run(() => load.RunAsync(new Random(seed - client)))));
        return load;
    }

    /// <summary>Lets the clients finish their requests, and deletes the cron.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients.Within("the clients to finish");
        await _client.DeleteAsync($"/runs/crons/{_cronId}");
        _unscheduled = DateTimeOffset.UtcNow;
    }

    /// <summary>Fails if something that was acknowledged was lost, or happened twice.</summary>
    /// <param name="suspects">Processes that others had reason to regard as dead while they were not.</param>
    public async Task ShouldBeKeptAsync(IReadOnlySet<int> suspects)
    {
        foreach (var edited in _edited)
        {
            await ShouldBeKeptAsync(edited);
        }

        foreach (var run in _delayed)
        {
            (await _cluster.Next.GetAsync($"{run.Path}/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries(run.Token, 1));
            (await _cluster.Next.StatusAsync(run.Path)).ShouldBe("success");
            await Waiting.Until(
                () => Task.FromResult(_receiver.All.Any(call => call.Headers["webhook-id"] == run.RunId)), $"the webhook of run {run}");
        }

        await CronShouldBeKeptAsync();

        var ledger = _cluster.Ledger;
        foreach (var run in _delayed)
        {
            ledger.Of(run.ThreadId).ShouldAllBe(entry => entry.Begin >= run.DueMicroseconds, $"Run {run} began too early");
        }

        foreach (var deleted in _deleted)
        {
            (await _cluster.Next.GetAsync($"/threads/{deleted.ThreadId}")).Status.ShouldBe(404);
            ledger.Of(deleted.ThreadId).Where(entry => !suspects.Contains(entry.ProcessId))
                .ShouldAllBe(entry => entry.Begin <= deleted.Microseconds, $"Thread {deleted} went on after it was deleted");
        }
    }

    public override string ToString() =>
        $"{_edited.Count} edited threads, {_deleted.Count} deleted ones, {_delayed.Count} delayed runs, a cron since {_scheduled:HH:mm:ss}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _clients.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _client.Dispose();
        await _receiver.DisposeAsync();
    }

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private async Task ShouldBeKeptAsync(EditedThread edited)
    {
        var log = await _cluster.Next.LogAsync(edited.ThreadId);
        var edits = log.Count(entry => entry == edited.Entry);
        edits.ShouldBeInRange(1, edited.EditsMax, $"Thread {edited}");
        log.ShouldBe(
            [
                .. LedgerRuns.Entries(edited.Token + "a", 1),
                .. Enumerable.Repeat(edited.Entry, edits),
                .. LedgerRuns.Entries(edited.Token + "b", 1),
            ],
            ignoreOrder: false,
            $"Thread {edited}");
    }

    /// <summary>Each minute between the creation of the cron and its deletion has one run, which has succeeded.</summary>
    private async Task CronShouldBeKeptAsync()
    {
        List<(DateTimeOffset Due, string Status)> runs = [];
        await Waiting.Until(
            async () =>
            {
                runs = await CronRunsAsync();
                return runs.All(run => run.Status is not ("pending" or "running"));
            },
            "the runs of the cron to end");
        runs.ShouldAllBe(run => run.Status == "success");

        // The run of the last minute may not have been created before the cron was deleted.
        var due = runs.Select(run => run.Due).Order().ToList();
        due.ShouldBeUnique();
        var last = MinuteOf(_unscheduled - TimeSpan.FromMinutes(1));
        var expected = new List<DateTimeOffset>();
        for (var minute = MinuteOf(_scheduled) + TimeSpan.FromMinutes(1); minute <= last; minute += TimeSpan.FromMinutes(1))
        {
            expected.Add(minute);
        }

        due.Where(minute => minute <= last).ShouldBe(expected);

        static DateTimeOffset MinuteOf(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMinute));
    }

    private async Task<List<(DateTimeOffset Due, string Status)>> CronRunsAsync()
    {
        var body = $$"""{"metadata":{"place":"{{_place}}","cron_id":"{{_cronId}}"},"limit":1000}""";
        var found = (await _cluster.Next.PostAsync("/weft/runs/search", body)).ShouldBeOk().Json;
        return [.. found.GetProperty("runs").EnumerateArray().Select(Read)];

        static (DateTimeOffset Due, string Status) Read(JsonElement run) => (
            DateTimeOffset.Parse(run.GetProperty("metadata").Text("cron_due"), CultureInfo.InvariantCulture), run.Text("status"));
    }

    /// <summary>Creates the cron. If an answer was lost, there is another one, whose runs do not count.</summary>
    private Task ScheduleAsync() => _client.RepeatAsync(async api =>
    {
        var body = $$$"""
            {"assistant_id":"ledger","input":{"token":"c","steps":1,"ms":20},"schedule":"* * * * *","on_run_completed":"keep",
             "metadata":{"place":"{{{_place}}}"}}
            """;
        using var answer = await _client.PostAsync(api, "/runs/crons", body);
        _cronId = JsonElement.Parse(await answer.Content.ReadAsStringAsync()).Text("cron_id");
        _scheduled = DateTimeOffset.UtcNow;
    });

    private async Task RunAsync(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(random.Next(400));
            var token = $"m{Interlocked.Increment(ref _last)}";
            try
            {
                await (random.Next(3) switch
                {
                    0 => EditAsync(token),
                    1 => DeleteAsync(token, TimeSpan.FromMilliseconds(random.Next(1500))),
                    _ => DelayAsync(token, TimeSpan.FromSeconds(random.Next(4))),
                });
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _failures.Enqueue($"{DateTime.UtcNow:O} {token}: {e.GetType().Name} {e.Message}");
            }
        }
    }

    private async Task EditAsync(string token)
    {
        var thread = await NewThreadAsync();
        await WaitAsync(thread, token + "a");
        var body = $$$"""{"values":{"log":["{{{token}}}:edit"]}}""";
        var repeated = await _client.RepeatAsync(async api =>
        {
            using var edited = await _client.PostAsync(api, $"/threads/{thread}/state", body);
        });
        await WaitAsync(thread, token + "b");
        _edited.Enqueue(new EditedThread(thread, token, 1 + repeated));
    }

    private async Task DeleteAsync(string token, TimeSpan after)
    {
        var thread = await NewThreadAsync();
        await CreateAsync(thread, token, LedgerRuns.Body(token, steps: 40, ms: 50));
        await Task.Delay(after);
        await _client.DeleteAsync($"/threads/{thread}");
        _deleted.Enqueue(new DeletedThread(thread, Microseconds(DateTimeOffset.UtcNow)));
    }

    private async Task DelayAsync(string token, TimeSpan delay)
    {
        var thread = await NewThreadAsync();
        var due = DateTimeOffset.UtcNow + delay;
        var more = string.Create(
            CultureInfo.InvariantCulture, $",\"after_seconds\":{delay.TotalSeconds},\"webhook\":\"{_receiver.Address}{token}\"");
        var run = await CreateAsync(thread, token, LedgerRuns.Body(token, steps: 1, more: more));
        _delayed.Enqueue(new DelayedRun(thread, run, token, Microseconds(due)));
    }

    private async Task<string> NewThreadAsync()
    {
        var id = "";
        await _client.RepeatAsync(async api =>
        {
            using var answer = await _client.PostAsync(api, "/threads", "{}");
            id = JsonElement.Parse(await answer.Content.ReadAsStringAsync()).Text("thread_id");
        });
        return id;
    }

    private async Task<string> CreateAsync(string thread, string token, string body)
    {
        var id = "";
        await _client.RepeatAsync(async api =>
        {
            using var answer = await _client.PostAsync(api, $"/threads/{thread}/runs", body, token);
            id = JsonElement.Parse(await answer.Content.ReadAsStringAsync()).Text("run_id");
        });
        return id;
    }

    private Task WaitAsync(string thread, string token) => _client.RepeatAsync(async api =>
    {
        using var answer = await _client.PostAsync(api, $"/threads/{thread}/runs/wait", LedgerRuns.Body(token, steps: 1), token);
        var text = await answer.Content.ReadAsStringAsync().Within($"the result of {token}");
        text.ShouldContain($"\"{token}:0\"");
    });

    /// <param name="ThreadId">The thread.</param>
    /// <param name="Token">The first part of what its runs write.</param>
    /// <param name="EditsMax">How often the edit was sent, because answers were lost.</param>
    private sealed record EditedThread(string ThreadId, string Token, int EditsMax)
    {
        public string Entry => Token + ":edit";
    }

    /// <param name="ThreadId">The thread.</param>
    /// <param name="Microseconds">When the client knew that it was deleted.</param>
    private sealed record DeletedThread(string ThreadId, long Microseconds);

    /// <param name="ThreadId">The thread.</param>
    /// <param name="RunId">The run.</param>
    /// <param name="Token">What it writes.</param>
    /// <param name="DueMicroseconds">The time before which it does not begin.</param>
    private sealed record DelayedRun(string ThreadId, string RunId, string Token, long DueMicroseconds)
    {
        public string Path => $"/threads/{ThreadId}/runs/{RunId}";
    }
}
