using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The subscriptions of a socket.</summary>
internal sealed class SocketSubscriptions(
    CommandCall call, RunsFacade runs, SocketEvents events, WeftServerOptions options, TimeProvider time)
{
    private readonly Dictionary<string, Subscription> _subscriptions = [];

    /// <summary>Adds a subscription. <see cref="Start"/> it when the answer is sent.</summary>
    public async Task<(CommandAnswer Answer, Subscription? Added)> AddAsync(ThreadCommand command)
    {
        var filter = V2FilterReader.Read(command.Params.Json, "params.", ignoresUnknown: false, options.FilterNamespacesMax);
        if (_subscriptions.Count >= options.SocketSubscriptionsMax)
        {
            throw new CommandException(
                CommandErrors.NotSupported, $"A socket may have at most {options.SocketSubscriptionsMax} subscriptions.");
        }

        events.Pause();
        var subscription = new Subscription(NewId.TimeOrdered(time).ToString(), filter);
        try
        {
            // Before the answer, so that a client whose subscription is confirmed is notified when the thread is deleted.
            await subscription.TryOpenAsync(call, runs);
            var answer = await AnswerAsync(command);
            subscription.ReplaysThrough = answer.AppliedThroughSeq;
            var replayed = await CountAsync(filter, answer.AppliedThroughSeq);
            _subscriptions.Add(subscription.Id, subscription);
            return (answer with { WriteResult = writer => Write(writer, subscription, replayed) }, subscription);
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
    }

    /// <summary>Begins to send.</summary>
    public void Start(Subscription subscription) => events.Add(subscription);

    /// <summary>Removes a subscription. None of its events follows the answer.</summary>
    public async Task<CommandAnswer> RemoveAsync(ThreadCommand command)
    {
        var id = command.Params.RequiredText("subscription_id");
        if (!_subscriptions.Remove(id, out var subscription))
        {
            throw new CommandException(CommandErrors.NoSuchSubscription, $"The socket has no subscription {id}.");
        }

        await events.RemoveAsync(subscription);
        return await AnswerAsync(command);
    }

    private static void Write(Utf8JsonWriter writer, Subscription subscription, int replayed)
    {
        writer.WriteString("subscription_id"u8, subscription.Id);
        writer.WriteNumber("replayed_events"u8, replayed);
    }

    private async Task<CommandAnswer> AnswerAsync(ThreadCommand command) => new()
    {
        Id = command.Id,
        ThreadId = call.ThreadId,
        AppliedThroughSeq = await runs.FindLastSeqAsync(call.Actor, call.ThreadId, call.Cancellation),
    };

    /// <summary>Counts the events that a subscription is going to replay. It waits for the store, but not for new events.</summary>
    private async Task<int> CountAsync(V2Filter filter, long lastSeq)
    {
        if (lastSeq == 0)
        {
            return 0;
        }

        using var reader = await runs.FollowLogAsync(call.Actor, call.ThreadId, filter.Since, call.Cancellation);
        var writer = new V2EventWriter(filter, writesFrames: false);
        for (var count = 0; ;)
        {
            var entries = reader.TryRead();
            foreach (var entry in entries)
            {
                if (entry.Seq > lastSeq)
                {
                    return count;
                }

                count += writer.Wants(entry) ? 1 : 0;
            }

            if (entries.IsEmpty && (!reader.MustFetch || !await reader.WaitAsync()))
            {
                return count;
            }
        }
    }
}
