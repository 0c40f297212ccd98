using System.Diagnostics;

namespace Bench.LoadGen;

/// <summary>Scenarios about threads: long ones, many at once, reads of all kinds, and a mixture for long.</summary>
internal sealed partial class Scenarios
{
    private async Task History()
    {
        var turns = options.Int("turns", 300);
        var size = options.Int("bytes", 500);
        var body = server.Body(size: size, content: new string('h', size));
        var thread = await server.CreateThread();
        var result = Begin("history", $"t={turns}", out var mark);
        var dataBefore = probe.DataMb();
        var ms = new double[turns + 1];
        var cpu = new double[turns + 1];
        var length = new int[turns + 1];
        cpu[0] = probe.ServerCpu();
        for (var turn = 1; turn <= turns; turn++)
        {
            var at = Stopwatch.GetTimestamp();
            await Try(async () => length[turn] = await server.Wait(thread, body));
            ms[turn] = Since(at) * 1000;
            cpu[turn] = probe.ServerCpu();
        }

        foreach (var (turn, around) in new[] { (10, 5), (100, 10), (200, 10), (turns, 10) })
        {
            var from = Math.Max(1, turn - around);
            var to = Math.Min(turns, turn + around);
            var near = new Stats();
            for (var i = from; i <= to; i++)
            {
                near.Add(ms[i]);
            }

            result.Set($"turn{turn}_ms", near.At(0.5));
            result.Set($"turn{turn}_cpu_ms", (cpu[to] - cpu[from - 1]) * 1000 / (to - from + 1));
            result.Set($"turn{turn}_bytes", length[Math.Min(turn, turns)]);
        }

        result.Set("all_turns_s", ms.Sum() / 1000);
        result.Set("rss_growth_mb", probe.RssMb() - mark.RssMb);
        foreach (var (name, send) in new (string, Func<Task>)[]
        {
            ("state_ms", () => server.Send(HttpMethod.Get, $"/threads/{thread}/state")),
            ("history10_ms", () => server.Send(HttpMethod.Post, $"/threads/{thread}/history", "{\"limit\":10}"u8.ToArray())),
        })
        {
            var times = new Stats();
            for (var i = 0; i < 7; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await Try(send);
                times.Add(Since(at) * 1000);
            }

            result.Set(name, times.At(0.5));
        }

        // A server that writes late (the peer: three seconds after the last change) has written by then.
        await Task.Delay(TimeSpan.FromSeconds(options.Number("settle", 6)));
        result.Set("disk_growth_mb", probe.DataMb() - dataBefore);
        End(result, mark, turns, "turn");
    }

    private async Task Burst()
    {
        var count = options.Int("count", 1000);
        var workers = options.Int("workers", 32);
        var body = server.Body(tokens: options.Int("tokens", 0));
        var threads = new string[count];
        var runs = new string[count];
        var created = new Stats();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = workers }, async (i, _) =>
            threads[i] = await server.CreateThread());
        var result = Begin("burst", $"b={count}", out var mark);
        var next = -1;
        await Workers(workers, double.MaxValue, async (_, _) =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await Try(async () =>
                {
                    var at = Stopwatch.GetTimestamp();
                    runs[i] = await server.CreateRun(threads[i], body);
                    lock (created)
                    {
                        created.Add(Since(at) * 1000);
                    }
                });
            }
        });
        var creating = Stopwatch.GetElapsedTime(mark.At).TotalSeconds;
        var good = 0;
        const int Lanes = 8;
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
        {
            // In the order of creation, one run at a time: a poll costs the server little.
            for (var i = lane; i < count; i += Lanes)
            {
                var status = "pending";
                while (runs[i] is not null && status is "pending" or "running")
                {
                    if (!await Try(async () => status = await server.RunStatus(threads[i], runs[i])))
                    {
                        break;
                    }

                    if (status is "pending" or "running")
                    {
                        await Task.Delay(20, server.Bound);
                    }
                }

                if (status == "success")
                {
                    Interlocked.Increment(ref good);
                }
                else
                {
                    Fault($"a run that ended '{status}'");
                }
            }
        }));
        result.Set("success", good);
        result.Set("create_per_s", count / creating);
        Latency(result, created, "create_");
        result.Set("drain_s", Stopwatch.GetElapsedTime(mark.At).TotalSeconds);
        result.Set("runs_per_s", good / Stopwatch.GetElapsedTime(mark.At).TotalSeconds);
        End(result, mark, count, "run");
    }

    private async Task Crud()
    {
        var workers = options.Ints("c", 16)[0];
        var seconds = options.Number("duration", 4);
        var stored = options.Int("count", 5000);
        var threads = new string[stored];
        await Operation("create", seconds: double.MaxValue, limit: stored, async i => threads[i] = await server.CreateThread());
        var used = new string[16];
        for (var i = 0; i < used.Length; i++)
        {
            used[i] = await server.CreateThread();
        }

        await Task.WhenAll(used.Select(thread => Try(() => server.Wait(thread, server.Body()))));
        await Operation("get", seconds, int.MaxValue, i => server.Send(HttpMethod.Get, $"/threads/{threads[i % stored]}"));
        await Operation("state", seconds, int.MaxValue, i => server.Send(HttpMethod.Get, $"/threads/{used[i % used.Length]}/state"));
        var search = "{\"limit\":10}"u8.ToArray();
        await Operation("search", seconds, int.MaxValue, _ => server.Send(HttpMethod.Post, "/threads/search", search));

        async Task Operation(string name, double seconds, int limit, Func<int, Task> send)
        {
            var result = Begin("crud", name, out var mark);
            var all = new Stats();
            var next = -1;
            await Workers(workers, seconds, async (_, go) =>
            {
                var own = new Stats();
                while (go() && Interlocked.Increment(ref next) is var i && i < limit)
                {
                    var at = Stopwatch.GetTimestamp();
                    if (await Try(() => send(i)))
                    {
                        own.Add(Since(at) * 1000);
                    }
                }

                lock (all)
                {
                    all.Add(own);
                }
            });
            result.Set("ops_per_s", all.Count / Stopwatch.GetElapsedTime(mark.At).TotalSeconds);
            Latency(result, all);
            End(result, mark, all.Count, "op");
        }
    }

    private async Task Soak()
    {
        var seconds = options.Number("duration", 30);
        var workers = options.Ints("c", 16)[0];
        var tiny = server.Body();
        var streamed = server.Body(tokens: 50, streamed: true);
        var result = Begin("soak", $"s={seconds}", out var mark);
        result.Set("rss_start_mb", mark.RssMb);
        var operations = 0;
        var latency = new Stats();
        var dataBefore = probe.DataMb();
        await Workers(workers, seconds, async (worker, go) =>
        {
            var own = new Stats();
            string? thread = null;
            for (var step = worker; go(); step++)
            {
                if (thread is null || step % turnsPerThread == 0)
                {
                    await Try(async () => thread = await server.CreateThread());
                }

                var at = Stopwatch.GetTimestamp();
                var well = await Try(async () =>
                {
                    switch (step % 10)
                    {
                        case 0 or 3 or 6 or 8:
                            await server.Wait(thread!, tiny);
                            break;
                        case 1 or 5:
                            var stream = await server.Stream(thread!, streamed, 50);
                            if (!stream.Complete)
                            {
                                Fault($"a stream of {stream.Tokens} tokens and {stream.Errors} errors");
                            }

                            break;
                        case 2:
                            await server.Send(HttpMethod.Get, $"/threads/{thread}");
                            break;
                        case 4:
                            await server.Send(HttpMethod.Get, $"/threads/{thread}/state");
                            break;
                        case 7:
                            await server.Wait(null, tiny);
                            break;
                        default:
                            await server.Send(HttpMethod.Post, "/threads/search", "{\"limit\":10}"u8.ToArray());
                            break;
                    }
                });
                if (well)
                {
                    Interlocked.Increment(ref operations);
                    own.Add(Since(at) * 1000);
                }
            }

            lock (latency)
            {
                latency.Add(own);
            }
        });
        result.Set("ops_per_s", operations / Stopwatch.GetElapsedTime(mark.At).TotalSeconds);
        Latency(result, latency);
        result.Set("rss_end_mb", probe.RssMb());
        result.Set("rss_kb_per_op", operations > 0 ? (probe.RssMb() - mark.RssMb) * 1024 / operations : 0);
        result.Set("disk_growth_mb", probe.DataMb() - dataBefore);
        End(result, mark, operations, "op");
    }
}
