using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Sends the events of a socket's subscriptions in the order of their numbers, because clients rely on it also between
/// subscriptions. An event that several show is sent once. It reads the log no faster than the client reads the socket.
/// </summary>
internal sealed partial class SocketEvents(
    CommandCall call,
    RunsFacade runs,
    SocketOutput output,
    WeftServerOptions options,
    ServerMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private const int KeptBytesMax = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly List<(Action<List<Subscription>> Change, TaskCompletionSource Done)> _changes = [];
    private readonly V2EventWriter _writer = new(V2Filter.All, writesFrames: false);
    private readonly TaskCompletionSource<(int Status, string Reason)> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ArrayBufferWriter<byte> _buffer = new();
    private int _gapBytes;
    private TaskCompletionSource? _paused;
    private long _pausedAt;
    private Task? _sending;
    private volatile bool _isStopped;
    private volatile bool _isDraining;

    /// <summary>Completes with a status of HTTP when the thread is deleted or its log can't be read.</summary>
    public Task<(int Status, string Reason)> Failed => _failed.Task;

    /// <summary>
    /// Sends nothing until <see cref="Resume"/>, so that the subscriptions that a client makes together begin together. Clients
    /// ignore an event that comes after the end of a run and has a lower number.
    /// </summary>
    public void Pause()
    {
        if (_paused is null)
        {
            _pausedAt = time.GetTimestamp();
            _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>How long the events have been paused.</summary>
    public TimeSpan PausedFor => time.GetElapsedTime(_pausedAt);

    /// <summary>Whether the events are paused.</summary>
    public bool IsPaused => Volatile.Read(ref _paused) is not null;

    /// <summary>Ends a pause.</summary>
    public void Resume() => Interlocked.Exchange(ref _paused, null)?.TrySetResult();

    /// <summary>Adds a subscription.</summary>
    public void Add(Subscription subscription)
    {
        _ = ChangeAsync(subscriptions => subscriptions.Add(subscription));
        _sending ??= SendAllAsync();
    }

    /// <summary>Removes a subscription. None of its events is sent when this returns.</summary>
    public async Task RemoveAsync(Subscription subscription)
    {
        var removed = ChangeAsync(subscriptions => subscriptions.Remove(subscription));
        await (_sending is null ? Task.CompletedTask : Task.WhenAny(removed, _sending));
        subscription.Dispose();
    }

    /// <summary>Tries again to read the log of a thread that did not exist.</summary>
    public void ThreadMayExist() => Wake();

    /// <summary>Sends what there is now, and then nothing more.</summary>
    public Task DrainAsync()
    {
        _isDraining = true;
        Wake();
        return _sending ?? Task.CompletedTask;
    }

    /// <summary>Sends nothing more. No subscription may be added after this.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        Wake();
        await (_sending ?? Task.CompletedTask);
        var late = new List<Subscription>();
        Apply(late);
        late.ForEach(static subscription => subscription.Dispose());
    }

    private Task ChangeAsync(Action<List<Subscription>> change)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _changes.Add((change, done));
        }

        Wake();
        return done.Task;
    }

    private void Wake() =>
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task SendAllAsync()
    {
        // Away from the caller, which answers the next commands.
        await Task.Yield();
        var subscriptions = new List<Subscription>();
        metrics.ReaderOpened();
        try
        {
            while (!_isStopped && output.IsOpen && await SendAvailableAsync(subscriptions))
            {
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
        finally
        {
            metrics.ReaderClosed();
            subscriptions.ForEach(static subscription => subscription.Dispose());
        }
    }

    /// <summary>Sends what is available and waits for more; false if nothing more is to be sent.</summary>
    private async Task<bool> SendAvailableAsync(List<Subscription> subscriptions)
    {
        var changed = Volatile.Read(ref _changed).Task;
        Apply(subscriptions);
        var isOpen = await OpenAsync(subscriptions);
        while (!_isStopped && await FillAsync(subscriptions))
        {
            if (Volatile.Read(ref _paused) is { } paused)
            {
                await Task.WhenAny(paused.Task, changed);
                return true;
            }

            if (!await TrySendNextAsync(subscriptions))
            {
                return false;
            }

            if (changed.IsCompleted)
            {
                return true;
            }
        }

        return !_isDraining && await WaitAsync(subscriptions, changed, isOpen);
    }

    private void Apply(List<Subscription> subscriptions)
    {
        lock (_lock)
        {
            foreach (var (change, done) in _changes)
            {
                change(subscriptions);
                done.SetResult();
            }

            _changes.Clear();
        }
    }

    /// <summary>Opens the log for those that have not; false if the thread does not exist.</summary>
    private async Task<bool> OpenAsync(List<Subscription> subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            if (!await subscription.TryOpenAsync(call, runs))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Reads the next event of each subscription; false if no subscription has one. A subscription without an event is asked
    /// again as long as another one gets one, so that none has an event that comes before those of the others.
    /// </summary>
    private static async Task<bool> FillAsync(List<Subscription> subscriptions)
    {
        bool any, filled;
        do
        {
            (any, filled) = (false, false);
            foreach (var subscription in subscriptions)
            {
                var had = subscription.NextSeq is not null;
                while (!subscription.TryFill() && subscription.Reader is { MustFetch: true } reader && await reader.WaitAsync())
                {
                    // Its next event is in the store, and may come before those of the other subscriptions.
                }

                var has = subscription.NextSeq is not null;
                any |= has;
                filled |= has && !had;
            }
        }
        while (filled && subscriptions.Count > 1);
        return any;
    }

    private async ValueTask<bool> TrySendNextAsync(List<Subscription> subscriptions)
    {
        var isEncoded = TryEncodeNext(subscriptions);
        var sent = (_gapBytes == 0 || await output.TrySendAsync(_buffer.WrittenMemory[.._gapBytes]))
            && (!isEncoded || await output.TrySendAsync(_buffer.WrittenMemory[_gapBytes..]));
        metrics.EventsWritten(isEncoded ? 1 : 0);
        if (_buffer.Capacity > KeptBytesMax)
        {
            _buffer = new ArrayBufferWriter<byte>();
        }

        _buffer.ResetWrittenCount();
        return sent;
    }

    /// <summary>Encodes the first of the next events, or first that events are missing before it.</summary>
    private bool TryEncodeNext(List<Subscription> subscriptions)
    {
        var first = subscriptions.Min(static subscription => subscription.NextSeq ?? long.MaxValue);
        ThreadEntry next = default;
        long missed = 0;
        foreach (var subscription in subscriptions)
        {
            if (subscription.NextSeq == first)
            {
                next = subscription.Take(out var missedHere);
                missed = Math.Max(missed, missedHere);
            }
        }

        if (missed > 0)
        {
            _writer.WriteGap(_buffer, missed, next);
        }

        _gapBytes = _buffer.WrittenCount;
        return _writer.TryWrite(_buffer, next);
    }

    /// <summary>Waits until a subscription may have an event, or something changes; false if the thread was deleted.</summary>
    private async Task<bool> WaitAsync(List<Subscription> subscriptions, Task changed, bool isOpen)
    {
        var readers = subscriptions.Select(static subscription => subscription.Reader).OfType<ThreadLogReader>().ToList();
        var waits = readers.ConvertAll(static reader => reader.WaitAsync().AsTask());
        if (isOpen)
        {
            await Task.WhenAny([changed, .. waits]).WaitAsync(call.Cancellation);
        }
        else
        {
            await Task.WhenAny([changed, Task.Delay(options.HeartbeatInterval, time, call.Cancellation), .. waits]);
        }

        foreach (var (reader, wait) in readers.Zip(waits))
        {
            // A reader that is woken while nobody waits for it ends its next wait at once. The loop would never rest.
            if (!wait.IsCompleted)
            {
                reader.Wake();
            }
        }

        if (Array.Exists(await Task.WhenAll(waits), static isThere => !isThere))
        {
            _failed.TrySetResult((StatusCodes.Status404NotFound, "The thread was deleted."));
            return false;
        }

        return true;
    }

    [LoggerMessage(1, LogLevel.Error, "The subscriptions of thread {ThreadId} failed.")]
    private static partial void LogFailed(ILogger logger, ThreadId threadId, Exception exception);
}
