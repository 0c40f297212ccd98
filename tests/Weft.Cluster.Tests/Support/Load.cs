using System.Collections.Concurrent;

namespace Weft.Cluster.Tests;

/// <summary>
/// Clients that create runs on a few threads, each at another server than the one before, and a model of what was acknowledged to them.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Clients = 6;
    private const int Steps = 3;

    private readonly ClusterUnderTest _cluster;
    private readonly PatientClient _client;
    private readonly string[] _threads;
    private readonly ConcurrentDictionary<string, AcknowledgedRun> _runs = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _clients = Task.CompletedTask;
    private int _last;

    private Load(ClusterUnderTest cluster, Func<Exception, bool> repeats, string[] threads)
    {
        _cluster = cluster;
        _client = new PatientClient(cluster, repeats);
        _threads = threads;
    }

    /// <summary>The requests that failed although their client repeats what it may.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>How many runs were acknowledged.</summary>
    public int Count => _runs.Count;

    /// <summary>Starts the clients.</summary>
    /// <param name="cluster">The servers.</param>
    /// <param name="seed">Decides what the clients do.</param>
    /// <param name="repeats">Whether a client repeats a request that failed so.</param>
    public static async Task<Load> StartAsync(ClusterUnderTest cluster, int seed, Func<Exception, bool> repeats)
    {
        var threads = new List<string>();
        for (var i = 0; i < 2 * Clients; i++)
        {
            threads.Add(await cluster.Next.NewThreadAsync());
        }

        var load = new Load(cluster, repeats, [.. threads]);
        load._clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => load.RunAsync(new Random(seed + client)))));
        return load;
    }

    /// <summary>Waits until clients have created more runs.</summary>
    public Task GoOnAsync(int runs)
    {
        var wanted = Count + runs;
        return Waiting.Until(() => Task.FromResult(Count >= wanted || _clients.IsCompleted), $"{runs} more runs");
    }

    /// <summary>Lets the clients finish their requests.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients.Within("the clients to finish");
    }

    /// <summary>Waits for all runs to end, and fails if one was lost or doubled, or if a thread is not idle.</summary>
    public async Task ShouldBeKeptAsync()
    {
        foreach (var run in _runs.Values)
        {
            (await _cluster.Next.GetAsync($"{run.Path}/join")).ShouldBeOk();
            var status = await _cluster.Next.StatusAsync(run.Path);
            (status == "success" || (run.IsCancelled && status == "interrupted")).ShouldBeTrue($"{run} has ended as {status}");
        }

        foreach (var thread in _threads)
        {
            await Waiting.Until(
                async () => await _cluster.Next.StatusAsync($"/threads/{thread}") is "idle" or "interrupted", $"thread {thread} to be idle");
            await ShouldBeWholeAsync(thread);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _clients.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _client.Dispose();
    }

    private async Task ShouldBeWholeAsync(string thread)
    {
        var log = await _cluster.Next.LogAsync(thread);
        var runs = (await _cluster.Next.GetAsync($"/threads/{thread}/runs?limit=1000")).ShouldBeOk().Json.EnumerateArray().Reverse()
            .Select(run => (Id: run.Text("run_id"), Token: run.GetProperty("metadata").Text("token"), Status: run.Text("status"))).ToList();
        runs.Select(run => run.Token).ShouldBeUnique();

        // A run that was not acknowledged may exist nevertheless, but all that exist are whole and in their order.
        var expected = new List<string>();
        foreach (var (id, token, status) in runs)
        {
            var own = log.Where(entry => entry.StartsWith(token + ":", StringComparison.Ordinal)).ToList();
            own.ShouldBe(LedgerRuns.Entries(token, Steps)[..own.Count], ignoreOrder: false, $"Run {id} ({status})");
            (own.Count == Steps || status == "interrupted").ShouldBeTrue($"Run {id} ({status}) has only {own.Count} entries");
            expected.AddRange(own);
        }

        log.ShouldBe(expected, ignoreOrder: false, $"Thread {thread}");
        runs.Select(run => run.Id).ToHashSet().IsSupersetOf(
            _runs.Values.Where(run => run.ThreadId == thread).Select(run => run.RunId)).ShouldBeTrue($"Thread {thread} has lost a run");
    }

    private async Task RunAsync(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            // Servers that have nothing to do but this load would leave no processor to the tests.
            await Task.Delay(random.Next(100));
            var thread = _threads[random.Next(_threads.Length)];
            var token = $"t{Interlocked.Increment(ref _last)}";
            try
            {
                await (random.Next(10) switch
                {
                    < 4 => WaitAsync(thread, token),
                    < 7 => StreamAsync(thread, token),
                    < 9 => CreateAsync(thread, token, isCancelled: false),
                    _ => CreateAsync(thread, token, isCancelled: true),
                });
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _failures.Enqueue($"{DateTime.UtcNow:O} {token}: {e.GetType().Name} {e.Message}");
            }
        }
    }

    private Task WaitAsync(string thread, string token) => _client.RepeatAsync(async api =>
    {
        using var response = await _client.PostAsync(api, $"/threads/{thread}/runs/wait", LedgerRuns.Body(token, Steps), token);
        Acknowledge(thread, token, response, isCancelled: false);
        var text = await response.Content.ReadAsStringAsync().Within($"the result of {token}");
        text.ShouldContain($"\"{token}:{Steps - 1}\"");
    });

    private async Task StreamAsync(string thread, string token)
    {
        var path = $"/threads/{thread}/runs/stream";
        var body = LedgerRuns.Body(token, Steps, more: ",\"stream_resumable\":true");
        var frames = new List<SseFrame>();
        AcknowledgedRun? run = null;
        await _client.RepeatAsync(async api =>
        {
            using var response = run is null
                ? await _client.PostAsync(api, path, body, token)
                : await _client.JoinAsync(api, run.Path + "/stream", frames.LastOrDefault(frame => frame.Id is not null)?.Id ?? "-1");
            run ??= Acknowledge(thread, token, response, isCancelled: false);
            using var stream = await SseStream.OpenAsync(response);
            frames.AddRange(await stream.ToBreakAsync());
            if (frames is not [.., { Event: "end" }])
            {
                throw new BrokenStreamException();
            }
        });
        DeathTests.ShouldBeWhole(frames, token, Steps);
    }

    private async Task CreateAsync(string thread, string token, bool isCancelled)
    {
        AcknowledgedRun? run = null;
        await _client.RepeatAsync(async api =>
        {
            using var response = await _client.PostAsync(api, $"/threads/{thread}/runs", LedgerRuns.Body(token, Steps), token);
            run = Acknowledge(thread, token, response, isCancelled);
        });
        if (isCancelled)
        {
            await _client.RepeatAsync(async api =>
            {
                using var cancelled = await _client.PostAsync(api, $"{run!.Path}/cancel", null);
            });
        }
    }

    private AcknowledgedRun Acknowledge(string thread, string token, HttpResponseMessage response, bool isCancelled)
    {
        var id = response.Content.Headers.TryGetValues("Content-Location", out var values)
            ? values.Single().Split('/')[^1]
            : throw new InvalidOperationException("A run without Content-Location.");
        return _runs[token] = new AcknowledgedRun(thread, id, token, isCancelled);
    }

    /// <param name="ThreadId">The thread.</param>
    /// <param name="RunId">The run.</param>
    /// <param name="Token">Its token.</param>
    /// <param name="IsCancelled">Whether a client may have cancelled it.</param>
    private sealed record AcknowledgedRun(string ThreadId, string RunId, string Token, bool IsCancelled)
    {
        public string Path => $"/threads/{ThreadId}/runs/{RunId}";
    }
}
