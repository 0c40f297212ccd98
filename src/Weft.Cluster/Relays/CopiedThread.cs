using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Receives the runs of a thread whose home is another server, and the edits of its state.</summary>
/// <param name="owner">The actor that the thread belongs to.</param>
/// <param name="threadId">The thread.</param>
/// <param name="startOrder">The first run, in the order of starts, that is received.</param>
/// <param name="wantsAllEvents">Whether a reader wants all events.</param>
/// <param name="server">The home.</param>
/// <param name="giver">This server, if it gives the thread to its new home with the subscription.</param>
/// <param name="copies">Copies the logs.</param>
/// <param name="streams">The logs of this server.</param>
/// <param name="runs">The runs.</param>
internal sealed class CopiedThread(
    string owner,
    ThreadId threadId,
    long startOrder,
    bool wantsAllEvents,
    int server,
    int? giver,
    CopiedLogs copies,
    RunStreams streams,
    IRunStore runs) : IRelayReceiver
{
    private readonly Lock _lock = new();
    private Task _added = Task.CompletedTask;
    private bool _isTaken;
    private volatile bool _isLost;

    /// <summary>The first run, in the order of starts, that is received.</summary>
    public long StartOrder => startOrder;

    public bool WantsAllEvents => wantsAllEvents;

    /// <summary>Whether nothing more is received.</summary>
    public bool IsLost => _isLost;

    /// <summary>Completes when the logs that were named so far are here.</summary>
    public Task Added
    {
        get
        {
            lock (_lock)
            {
                return _added;
            }
        }
    }

    public SubscribeRequest Request(Guid relay, long number) => new()
    {
        Relay = relay,
        Number = number,
        ThreadId = threadId.Value,
        StartOrder = startOrder,
        WantsAllEvents = wantsAllEvents,
        Giver = _isTaken ? null : giver,
    };

    public void Begin(LogMessage[] logs)
    {
        // If the subscription is repeated, this server may be the home again.
        _isTaken = true;
        foreach (var log in logs)
        {
            Enqueue(() => AddAsync(log));
        }
    }

    public void Receive(RelayNews news)
    {
        if (news.Started is { } log)
        {
            // Also if another subscription has taken the place of this one: its server may not know runs of this one.
            Enqueue(() => AddAsync(log));
        }
        else if (news.IsEdit && !_isLost)
        {
            var address = new CheckpointAddress(news.CheckpointId, news.Namespace ?? "");
            Enqueue(() =>
            {
                streams.Threads.Edit(threadId, address);
                return Task.CompletedTask;
            });
        }
    }

    public bool IsUnused() => _isLost;

    public void Lose() => _isLost = true;

    /// <summary>What is received is handled in its order.</summary>
    private void Enqueue(Func<Task> handle)
    {
        lock (_lock)
        {
            _added = HandleAsync(_added, handle);
        }

        static async Task HandleAsync(Task before, Func<Task> handle)
        {
            await before;
            await handle();
        }
    }

    private async Task AddAsync(LogMessage log)
    {
        try
        {
            if (streams.Find(new RunId(log.RunId)) is { IsCopy: false, IsAbandoned: false }
                || await runs.FindAsync(new Actor(owner), new RunId(log.RunId), CancellationToken.None) is not { } run)
            {
                return;
            }

            streams.Threads.Begin(await copies.OpenAsync(run, server, CancellationToken.None));
        }
        catch (Exception)
        {
            // The thread is looked for again, with all of its runs.
            _isLost = true;
        }
    }
}
