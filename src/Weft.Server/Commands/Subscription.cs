using Weft.Runs;

namespace Weft.Server;

/// <summary>A subscription of a socket: a filter, and a position in the log of the thread. Not safe for concurrent use.</summary>
internal sealed class Subscription(string id, V2Filter filter) : IDisposable
{
    private readonly V2EventWriter _events = new(filter, writesFrames: false);
    private readonly Queue<(ThreadEntry Entry, long Missed)> _next = new();
    private long _missed;

    /// <summary>The id.</summary>
    public string Id => id;

    /// <summary>The filter.</summary>
    public V2Filter Filter => filter;

    /// <summary>The position; null until the thread exists.</summary>
    public ThreadLogReader? Reader { get; private set; }

    /// <summary>The number up to which it replays events that were there before it.</summary>
    public long ReplaysThrough { get; set; }

    /// <summary>The number of its next event; null if it has none now.</summary>
    public long? NextSeq => _next.TryPeek(out var next) ? next.Entry.Seq : null;

    /// <summary>
    /// Opens the log of the thread. Returns false if the thread does not exist: clients may subscribe before their first run
    /// creates it.
    /// </summary>
    public async Task<bool> TryOpenAsync(CommandCall call, RunsFacade runs)
    {
        try
        {
            Reader ??= await runs.FollowLogAsync(call.Actor, call.ThreadId, filter.Since, call.Cancellation);
            return true;
        }
        catch (WeftException e) when (e.Kind == ProblemKind.NotFound)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether it has what it needs to send its next event: the event, and while it replays also the one behind it. Clients stop reading
    /// at the end of a run that nothing follows at once, and what follows may have to be read from the store.
    /// </summary>
    private bool IsFilled => _next.Count > 1 || NextSeq >= ReplaysThrough;

    /// <summary>Reads until it has what it needs to send its next event; false if the log has no more events now.</summary>
    public bool TryFill()
    {
        while (!IsFilled && Reader is { } reader)
        {
            var entries = reader.TryRead();
            if (entries.IsEmpty)
            {
                return false;
            }

            _missed += reader.TakeMissed();
            foreach (var entry in entries)
            {
                if (_events.Wants(entry))
                {
                    _next.Enqueue((entry, _missed));
                    _missed = 0;
                }
            }
        }

        return IsFilled;
    }

    /// <summary>Takes its next event.</summary>
    /// <param name="missed">How many events are missing before it.</param>
    public ThreadEntry Take(out long missed)
    {
        (var next, missed) = _next.Dequeue();
        return next;
    }

    public void Dispose() => Reader?.Dispose();
}
