using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;
using Weft.Server.Tests.Recovery;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Events;

/// <summary>
/// What a late socket is sent of runs that have ended. The JavaScript SDK stops reading all subscriptions of a socket when it has
/// read the end of a run and nothing with a higher number has come a moment later.
/// </summary>
public sealed class SocketReplayTests
{
    [Fact]
    public async Task The_end_of_a_run_waits_until_what_follows_it_is_read()
    {
        using var folder = new TempFolder();
        var thread = NewThread();
        List<SseFrame> first, second;
        await using (var server = await TestServer.StartAsync(folder.Path))
        {
            await server.Root.StartAsync(thread, "echo", """{"messages":[]}""");
            first = await server.Root.ReplayAsync(thread);
            await server.Root.StartAsync(thread, "echo", """{"messages":[]}""");
            second = await server.Root.ReplayAsync(thread, $$"""{{AllChannels[..^1]}},"since":{{first[^1].Seq()}}}""");
        }

        var reads = new TaskCompletionSource();
        var asked = 0;
        await using var restarted = await TestServer.StartAsync(folder.Path, add: weft =>
        {
            weft.UseSqlite(Path.Combine(folder.Path, "weft.db"));
            // The run after the first one is found late when it is to be sent. The first time, the events are only counted.
            weft.Intercept<IStreamEventStore>(
                (method, given, answer) => method == nameof(IStreamEventStore.FindNextRunAsync) && given[1] is 1L
                    && Interlocked.Increment(ref asked) == 2
                    ? AfterAsync(reads.Task, (Task<RunRecord?>)answer, (CancellationToken)given[2]!)
                    : answer);
        });
        using var client = await SocketClient.OpenAsync(restarted.Root, thread);
        await client.CommandAsync(1, "subscription.subscribe", AllChannels);

        var events = new List<JsonElement>();
        while (events.Count < first.Count - 1)
        {
            events.Add(await client.EventAsync());
        }

        var next = client.EventAsync();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        next.IsCompleted.ShouldBeFalse();
        reads.SetResult();
        events.Add(await next);
        events.AddRange(await client.RunAsync());
        events.Select(message => message.Text("event_id")).ShouldBe(first.Concat(second).Select(frame => frame.Id));
    }

    private static async Task<RunRecord?> AfterAsync(Task before, Task<RunRecord?> answer, CancellationToken cancellationToken)
    {
        await before.WaitAsync(cancellationToken);
        return await answer;
    }
}
