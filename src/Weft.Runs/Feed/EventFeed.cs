using System.Security.Cryptography;

namespace Weft.Runs;

/// <summary>
/// The newest changes of all threads, numbered in their order. They are published after their commit, and encoded only by those who
/// read them. A publisher waits for no reader: a reader that falls behind misses events. The events of each owner are linked, so that
/// a reader is woken by the events of its owner only, and reads no others.
/// </summary>
internal sealed class EventFeed(RunsOptions options, SharedClock time)
{
    private const int FirstCapacity = 64;

    private readonly Lock _lock = new();

    // The owners of the events that are kept, and of the readers.
    private readonly Dictionary<string, FeedOwner> _owners = new(StringComparer.Ordinal);

    private Entry[] _ring = new Entry[Math.Min(FirstCapacity, options.FeedEventsMax)];
    private long _next = 1;
    private long _removed;
    private int _readers;

    /// <summary>Distinguishes the numbers of this process from those of others.</summary>
    public string Generation { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>The number of the event that is published next, from 1.</summary>
    public long Next => Interlocked.Read(ref _next);

    /// <summary>The number of events that are kept.</summary>
    public int Kept => (int)Math.Min(Next - 1, options.FeedEventsMax);

    /// <summary>How many readers there are.</summary>
    public int Readers => Volatile.Read(ref _readers);

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Receives each change that this server publishes; null if nobody wants them.</summary>
    public Action<FeedEvent>? Forward { get; set; }

    private ref Entry this[long number] => ref _ring[number % _ring.Length];

    public void Publish(FeedEvent added)
    {
        Add(added);
        Forward?.Invoke(added);
    }

    /// <summary>Adds a change that another server has published.</summary>
    public void Add(FeedEvent added)
    {
        TaskCompletionSource? published;
        lock (_lock)
        {
            MakeRoom();
            var owner = OwnerOf(added.Owner);
            if (owner.First == 0)
            {
                owner.First = _next;
            }
            else
            {
                this[owner.Last].NextOfOwner = _next;
            }

            owner.Last = _next;
            this[_next] = new Entry(added);
            _next++;
            published = owner.Published;
            owner.Published = null;
        }

        if (published is not null)
        {
            // Elsewhere, because waking thousands of readers takes time.
            ThreadPool.UnsafeQueueUserWorkItem(static published => published.TrySetResult(), published, preferLocal: false);
        }
    }

    /// <summary>Starts to read the events of an owner.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="after">The number of the last event that the reader has.</param>
    public FeedReader Open(string owner, long after)
    {
        Interlocked.Increment(ref _readers);
        lock (_lock)
        {
            var opened = OwnerOf(owner);
            opened.Readers++;
            return new FeedReader(this, owner, opened, after);
        }
    }

    /// <summary>Reads the next events of an owner.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="last">The number of the last event that was read. It becomes that of the last one in the buffer.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="gap">The number of the last event that was removed before it could be read; null if none was.</param>
    /// <returns>The number of events that were read.</returns>
    internal int Read(FeedOwner owner, ref long last, Span<(long Number, FeedEvent Event)> buffer, out long? gap)
    {
        lock (_lock)
        {
            gap = owner.Removed > last ? owner.Removed : null;
            var number = FindNext(owner, last);
            var count = 0;
            for (; count < buffer.Length && number != 0; count++)
            {
                var entry = this[number];
                buffer[count] = (number, entry.Event);
                last = number;
                number = entry.NextOfOwner;
            }

            last = Math.Max(last, gap ?? 0);
            return count;
        }
    }

    /// <summary>Returns a task that completes when the owner has an event after the one with this number.</summary>
    internal Task WaitAsync(FeedOwner owner, long last)
    {
        lock (_lock)
        {
            return owner.Last > last
                ? Task.CompletedTask
                : (owner.Published ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    internal void Close(string name, FeedOwner owner)
    {
        Interlocked.Decrement(ref _readers);
        lock (_lock)
        {
            owner.Readers--;
            RemoveIfUnused(name, owner);
        }
    }

    /// <summary>Returns the number of the owner's next event; 0 if there is none. The caller holds the lock.</summary>
    private long FindNext(FeedOwner owner, long last)
    {
        if (owner.First == 0 || owner.Last <= last)
        {
            return 0;
        }

        if (owner.First > last)
        {
            return owner.First;
        }

        // The reader has usually read an event of its owner. Otherwise it begins in the middle.
        var number = this[last].Event.Owner == this[owner.First].Event.Owner ? last : owner.First;
        while (number <= last)
        {
            number = this[number].NextOfOwner;
        }

        return number;
    }

    /// <summary>Makes room for the next event. The caller holds the lock.</summary>
    private void MakeRoom()
    {
        if (_next == _ring.Length && _ring.Length < options.FeedEventsMax)
        {
            Array.Resize(ref _ring, (int)Math.Min(2L * _ring.Length, options.FeedEventsMax));
        }

        if (_next > _ring.Length)
        {
            Remove(_next - _ring.Length);
        }
    }

    /// <summary>Removes the oldest event. The caller holds the lock.</summary>
    private void Remove(long number)
    {
        var entry = this[number];
        var name = entry.Event.Owner;
        var owner = _owners[name];
        owner.Removed = _removed = number;
        owner.First = entry.NextOfOwner;
        RemoveIfUnused(name, owner);
    }

    /// <summary>The caller holds the lock.</summary>
    private FeedOwner OwnerOf(string name)
    {
        if (!_owners.TryGetValue(name, out var owner))
        {
            // The newest event that was removed may have been this owner's.
            _owners[name] = owner = new FeedOwner { Removed = _removed };
        }

        return owner;
    }

    /// <summary>The caller holds the lock.</summary>
    private void RemoveIfUnused(string name, FeedOwner owner)
    {
        if (owner is { First: 0, Readers: 0 })
        {
            _owners.Remove(name);
        }
    }

    private struct Entry(FeedEvent added)
    {
        public readonly FeedEvent Event => added;

        /// <summary>The number of the next event of its owner; 0 if there is none.</summary>
        public long NextOfOwner { get; set; }
    }
}
