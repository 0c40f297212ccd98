using System.Collections.Concurrent;
using System.Diagnostics;

namespace Bench.LoadGen;

/// <summary>Scenarios that read streams.</summary>
internal sealed partial class Scenarios
{
    private async Task Stream()
    {
        var tokens = options.Int("tokens", 1000);
        var seconds = options.Number("duration", 5);
        var body = server.Body(tokens: tokens, streamed: true);
        foreach (var workers in options.Ints("c", 1, 16, 64))
        {
            var result = Begin("stream", $"c={workers}", out var mark);
            var done = new ConcurrentBag<Streamed>();
            await Workers(workers, seconds, async (_, go) =>
            {
                do
                {
                    await Try(async () =>
                    {
                        var stream = await server.Stream(await server.CreateThread(), body, tokens);
                        if (stream.Complete)
                        {
                            done.Add(stream);
                        }
                        else
                        {
                            Fault($"a stream of {stream.Tokens} tokens and {stream.Errors} errors");
                        }
                    });
                }
                while (go());
            });
            var first = new Stats();
            var tail = new Stats();
            var each = new Stats();
            long bytes = 0;
            long count = 0;
            var last = mark.At;
            foreach (var stream in done)
            {
                first.Add(stream.FirstMs);
                tail.Add(stream.TailMs);
                each.Add((stream.Times.Length - 1) / Math.Max(1e-6, Streamed.Ms(stream.Times[0], stream.Times[^1]) / 1000));
                bytes += stream.Bytes;
                count += stream.Tokens;
                last = Math.Max(last, stream.Times[^1]);
            }

            // The time until the last token. tail_p50_ms has the time from there to the end of the stream.
            var busy = Stopwatch.GetElapsedTime(mark.At, last).TotalSeconds;
            result.Set("streams", done.Count);
            result.Set("events_per_s", count / busy);
            result.Set("mb_per_s", bytes / busy / 1048576);
            result.Set("bytes_per_event", count > 0 ? (double)bytes / count : 0);
            result.Set("first_p50_ms", first.At(0.5));
            result.Set("first_p99_ms", first.At(0.99));
            result.Set("per_stream_events_per_s", each.At(0.5));
            result.Set("tail_p50_ms", tail.At(0.5));
            End(result, mark, count, "event");
        }
    }

    private async Task Paced()
    {
        var tokens = options.Int("tokens", 200);
        var delay = options.Int("delay", 20);
        var ramp = options.Number("ramp", 500);
        var body = server.Body(tokens: tokens, delayMs: delay, streamed: true);
        foreach (var streams in options.Ints("c", 10, 50, 100, 500, 1000))
        {
            // Threads beforehand: only the streams are under the clock.
            var threads = new string[streams];
            await Parallel.ForAsync(0, streams, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
                threads[i] = await server.CreateThread());
            var result = Begin("paced", $"c={streams}", out var mark);
            var done = new ConcurrentBag<Streamed>();
            await Task.WhenAll(Enumerable.Range(0, streams).Select(async i =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(ramp * i / streams));
                await Try(async () =>
                {
                    var stream = await server.Stream(threads[i], body, tokens);
                    if (stream.Complete)
                    {
                        done.Add(stream);
                    }
                    else
                    {
                        Fault($"a stream of {stream.Tokens} tokens and {stream.Errors} errors");
                    }
                });
            }));
            var late = new Stats();
            var end = new Stats();
            var first = new Stats();
            var whole = new Stats();
            var last = mark.At;
            long count = 0;
            foreach (var stream in done)
            {
                for (var i = 1; i < stream.Times.Length; i++)
                {
                    late.Add(Streamed.Ms(stream.Times[0], stream.Times[i]) - (i * delay));
                }

                end.Add(Streamed.Ms(stream.Times[0], stream.Times[^1]) - ((tokens - 1) * delay));
                whole.Add(Streamed.Ms(stream.Begun, stream.Times[^1]) - ((tokens - 1) * delay));
                first.Add(stream.FirstMs);
                last = Math.Max(last, stream.Times[^1]);
                count += stream.Tokens;
            }

            result.Set("completed", done.Count);
            result.Set("late_p50_ms", late.At(0.5));
            result.Set("late_p99_ms", late.At(0.99));
            result.Set("late_max_ms", late.At(1));
            result.Set("end_late_p50_ms", end.At(0.5));
            result.Set("request_late_p50_ms", whole.At(0.5));
            result.Set("request_late_p99_ms", whole.At(0.99));
            result.Set("first_p50_ms", first.At(0.5));
            result.Set("first_p99_ms", first.At(0.99));
            result.Set("wall_s", Stopwatch.GetElapsedTime(mark.At, last).TotalSeconds);
            result.Set("ideal_s", (ramp + ((tokens - 1) * delay)) / 1000);
            result.Set("events_per_s", count / Stopwatch.GetElapsedTime(mark.At, last).TotalSeconds);
            End(result, mark, count, "event");
        }
    }

    private async Task Fanout(string name, int delay)
    {
        var tokens = options.Int("tokens", 200);
        var body = server.Body(tokens: tokens, delayMs: delay, streamed: true, resumable: true);
        foreach (var subscribers in options.Ints("subs", 100, 500))
        {
            var thread = await server.CreateThread();
            var result = Begin(name, $"m={subscribers}", out var mark);
            var run = await server.CreateRun(thread, body);
            var done = new ConcurrentBag<Streamed>();
            await Task.WhenAll(Enumerable.Range(0, subscribers).Select(_ => Try(async () =>
            {
                var stream = await server.Join(thread, run, tokens);
                done.Add(stream);
                if (!stream.Complete)
                {
                    Fault($"a subscriber with {stream.Tokens} tokens and {stream.Errors} errors");
                }
            })));
            var whole = done.Where(stream => stream.Complete).ToList();
            long count = done.Sum(stream => (long)stream.Tokens);
            long bytes = done.Sum(stream => stream.Bytes);
            result.Set("complete", whole.Count);
            if (whole.Count > 0)
            {
                var first = whole.Min(stream => stream.Times[0]);
                var last = whole.Max(stream => stream.Times[^1]);
                var busy = Stopwatch.GetElapsedTime(first, last).TotalSeconds;
                var late = new Stats();
                foreach (var stream in whole)
                {
                    for (var i = 0; i < tokens; i++)
                    {
                        late.Add(Streamed.Ms(first, stream.Times[i]) - (i * delay));
                    }
                }

                result.Set("events_per_s", count / busy);
                result.Set("mb_per_s", bytes / busy / 1048576);
                result.Set("busy_s", busy);
                if (delay > 0)
                {
                    result.Set("late_p50_ms", late.At(0.5));
                    result.Set("late_p99_ms", late.At(0.99));
                }

                result.Set("all_ended_s", Stopwatch.GetElapsedTime(mark.At, whole.Max(stream => stream.Ended)).TotalSeconds);
            }

            End(result, mark, count, "event");
        }
    }
}
