using System.Reflection;
using System.Runtime.ExceptionServices;
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
        await using var restarted = await TestServer.StartAsync(folder.Path, add: weft =>
        {
            weft.UseSqlite(Path.Combine(folder.Path, "weft.db"));
            var stored = weft.Services.Single(service => service.ServiceType == typeof(IStreamEventStore));
            weft.Services.AddSingleton(provider => Slow.Of(
                (IStreamEventStore)ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!), reads.Task));
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

    /// <summary>Stored events, of which the run after another one is found late when it is to be sent.</summary>
    public class Slow : DispatchProxy
    {
        private IStreamEventStore _store = null!;
        private Task _isReady = Task.CompletedTask;
        private int _asked;

        internal static IStreamEventStore Of(IStreamEventStore store, Task isReady)
        {
            var slow = Create<IStreamEventStore, Slow>();
            ((Slow)(object)slow)._store = store;
            ((Slow)(object)slow)._isReady = isReady;
            return slow;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                var answer = targetMethod!.Invoke(_store, args);
                // The first time, the events are only counted.
                return targetMethod.Name == nameof(IStreamEventStore.FindNextRunAsync)
                    && args![1] is 1L
                    && Interlocked.Increment(ref _asked) == 2
                    ? WaitAsync((Task<RunRecord?>)answer!, (CancellationToken)args[2]!)
                    : answer;
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }
        }

        private async Task<RunRecord?> WaitAsync(Task<RunRecord?> answer, CancellationToken cancellationToken)
        {
            await _isReady.WaitAsync(cancellationToken);
            return await answer;
        }
    }
}
