using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The subscriptions of a socket.</summary>
internal sealed partial class SocketSubscriptions(
    CommandCall call,
    RunsFacade runs,
    SocketOutput output,
    WeftServerOptions options,
    ServerMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan CountTimeMax = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Subscription> _subscriptions = [];
    private readonly TaskCompletionSource<(int Status, string Reason)> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _threadMayExist = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosed;

    /// <summary>Completes when the thread is deleted or its log can't be read.</summary>
    public Task<(int Status, string Reason)> Failed => _failed.Task;

    /// <summary>Adds a subscription. <see cref="Start"/> it when the answer is sent.</summary>
    public async Task<(CommandAnswer Answer, Subscription? Added)> AddAsync(ThreadCommand command)
    {
        var filter = V2FilterReader.Read(command.Params.Json, "params.", ignoresUnknown: false, options.FilterNamespacesMax);
        if (_subscriptions.Count >= options.SocketSubscriptionsMax)
        {
            throw new CommandException(
                CommandErrors.NotSupported, $"A socket may have at most {options.SocketSubscriptionsMax} subscriptions.");
        }

        var subscription = new Subscription(Guid.CreateVersion7(time.GetUtcNow()).ToString(), filter, output, metrics);
        var answer = await AnswerAsync(command);
        var replayed = await CountAsync(subscription, answer.AppliedThroughSeq);
        _subscriptions.Add(subscription.Id, subscription);
        return (
            answer with
            {
                WriteResult = writer =>
                {
                    writer.WriteString("subscription_id"u8, subscription.Id);
                    writer.WriteNumber("replayed_events"u8, replayed);
                },
            },
            subscription);
    }

    /// <summary>Begins to send.</summary>
    public void Start(Subscription subscription) => subscription.Sending = SendAsync(subscription);

    /// <summary>Removes a subscription. None of its events follows the answer.</summary>
    public async Task<CommandAnswer> RemoveAsync(ThreadCommand command)
    {
        var id = command.Params.RequiredText("subscription_id");
        if (!_subscriptions.Remove(id, out var subscription))
        {
            throw new CommandException(CommandErrors.NoSuchSubscription, $"The socket has no subscription {id}.");
        }

        subscription.Stop();
        Wake();
        await subscription.Sending;
        return await AnswerAsync(command);
    }

    /// <summary>Tries again to read the log of the thread, which did not exist before.</summary>
    public void ThreadMayExist() => Wake();

    /// <summary>Sends what there is now, and then nothing more.</summary>
    public Task DrainAsync() => EndAsync(static subscription => subscription.StopWhenIdle());

    /// <summary>Sends nothing more.</summary>
    public Task StopAllAsync() => EndAsync(static subscription => subscription.Stop());

    private async Task EndAsync(Action<Subscription> end)
    {
        _isClosed = true;
        foreach (var subscription in _subscriptions.Values)
        {
            end(subscription);
        }

        Wake();
        await Task.WhenAll(_subscriptions.Values.Select(static subscription => subscription.Sending));
    }

    private void Wake() =>
        Interlocked.Exchange(ref _threadMayExist, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task SendAsync(Subscription subscription)
    {
        try
        {
            using var reader = await FollowAsync(subscription);
            if (reader is not null && !await subscription.SendAsync(reader))
            {
                _failed.TrySetResult((StatusCodes.Status404NotFound, "The thread was deleted."));
            }
        }
        catch (OperationCanceledException) when (call.Cancellation.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception e)
        {
            // The client subscribes again through another socket.
            LogFailed(logger, call.ThreadId, e);
            _failed.TrySetResult((StatusCodes.Status503ServiceUnavailable, "The events can't be read now. Try again."));
        }
    }

    /// <summary>
    /// Waits until the thread exists, because clients subscribe before their first run creates it; null if the subscription is
    /// stopped before.
    /// </summary>
    private async Task<ThreadLogReader?> FollowAsync(Subscription subscription)
    {
        while (!_isClosed && !subscription.IsStopped)
        {
            var mayExist = Volatile.Read(ref _threadMayExist).Task;
            try
            {
                return await runs.FollowLogAsync(call.Actor, call.ThreadId, subscription.Filter.Since, call.Cancellation);
            }
            catch (WeftException e) when (e.Kind == ProblemKind.NotFound)
            {
                await Task.WhenAny(mayExist, Task.Delay(options.HeartbeatInterval, time, call.Cancellation));
            }
        }

        return null;
    }

    private async Task<CommandAnswer> AnswerAsync(ThreadCommand command) => new()
    {
        Id = command.Id,
        ThreadId = call.ThreadId,
        AppliedThroughSeq = await runs.FindLastSeqAsync(call.Actor, call.ThreadId, call.Cancellation),
    };

    /// <summary>Counts the events that a subscription is going to replay, as far as that does not take long.</summary>
    private async Task<int> CountAsync(Subscription subscription, long lastSeq)
    {
        if (lastSeq == 0)
        {
            return 0;
        }

        using var reader = await runs.FollowLogAsync(call.Actor, call.ThreadId, subscription.Filter.Since, call.Cancellation);
        using var limit = new CancellationTokenSource(CountTimeMax, time);
        using var wake = limit.Token.UnsafeRegister(static reader => ((ThreadLogReader)reader!).Wake(), reader);
        var events = new V2EventWriter(subscription.Filter, writesFrames: false);
        var count = 0;
        for (long seq = 0; seq < lastSeq && !limit.IsCancellationRequested;)
        {
            var entries = reader.TryRead();
            foreach (var entry in entries)
            {
                seq = entry.Seq;
                count += seq <= lastSeq && events.Wants(entry) ? 1 : 0;
            }

            if (entries.IsEmpty && !await reader.WaitAsync())
            {
                break;
            }
        }

        return count;
    }

    [LoggerMessage(LogLevel.Error, "A subscription of thread {ThreadId} failed.")]
    private static partial void LogFailed(ILogger logger, ThreadId threadId, Exception exception);
}
