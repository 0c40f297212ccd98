using System.Security.Cryptography;

namespace Weft.Runs;

/// <summary>
/// The newest changes of all threads, numbered in their order. They are published after their commit, and encoded only by those who
/// read them. A publisher waits for no reader: a reader that falls behind misses events.
/// </summary>
internal sealed class EventFeed(RunsOptions options, TimeProvider time)
{
    private const int FirstCapacity = 64;

    private readonly Lock _lock = new();
    private FeedEvent[] _ring = new FeedEvent[Math.Min(FirstCapacity, options.FeedEventsMax)];
    private TaskCompletionSource? _published;
    private long _next = 1;
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

    public void Publish(FeedEvent added)
    {
        TaskCompletionSource? published;
        lock (_lock)
        {
            if (_next == _ring.Length && _ring.Length < options.FeedEventsMax)
            {
                Array.Resize(ref _ring, (int)Math.Min(2L * _ring.Length, options.FeedEventsMax));
            }

            _ring[_next % _ring.Length] = added;
            _next++;
            published = _published;
            _published = null;
        }

        if (published is not null)
        {
            // Elsewhere, because waking thousands of readers takes time.
            ThreadPool.UnsafeQueueUserWorkItem(static published => published.TrySetResult(), published, preferLocal: false);
        }
    }

    /// <summary>Reads the events from a number on.</summary>
    /// <param name="from">The number. It becomes that of the first event that is not read.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="missed">Whether events from the given number on have been removed, so that the first event read is a later one.</param>
    /// <returns>The number of events that were read.</returns>
    public int Read(ref long from, Span<FeedEvent> buffer, out bool missed)
    {
        lock (_lock)
        {
            var oldest = Math.Max(1, _next - _ring.Length);
            missed = from < oldest;
            from = Math.Max(from, oldest);
            var count = (int)Math.Min(buffer.Length, _next - from);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = _ring[(from + i) % _ring.Length];
            }

            from += count;
            return count;
        }
    }

    /// <summary>Returns a task that completes when the event with the number is published.</summary>
    public Task WaitAsync(long from)
    {
        lock (_lock)
        {
            return from < _next
                ? Task.CompletedTask
                : (_published ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Opened() => Interlocked.Increment(ref _readers);

    public void Closed() => Interlocked.Decrement(ref _readers);
}
