using System.Buffers;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// A subscription of a socket: a position in the log of the thread, from which it sends what its filter shows. It reads the log
/// no faster than the client reads the socket.
/// </summary>
internal sealed class Subscription(string id, V2Filter filter, SocketOutput output, ServerMetrics metrics)
{
    private const int KeptBytesMax = 64 * 1024;

    private readonly V2EventWriter _events = new(filter, writesFrames: false);
    private readonly List<int> _ends = [];
    private ArrayBufferWriter<byte> _buffer = new();
    private ThreadLogReader? _reader;
    private volatile bool _isStopped;
    private volatile bool _isStopping;

    /// <summary>The id.</summary>
    public string Id => id;

    /// <summary>The filter.</summary>
    public V2Filter Filter => filter;

    /// <summary>Whether it sends nothing more.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Ends with the last event that is sent.</summary>
    public Task Sending { get; set; } = Task.CompletedTask;

    /// <summary>Sends nothing more.</summary>
    public void Stop()
    {
        _isStopped = true;
        Volatile.Read(ref _reader)?.Wake();
    }

    /// <summary>Sends what there is now, and then nothing more.</summary>
    public void StopWhenIdle()
    {
        _isStopping = true;
        Volatile.Read(ref _reader)?.Wake();
    }

    /// <summary>Sends events until the subscription is stopped or the socket is closed; false if the thread was deleted.</summary>
    public async Task<bool> SendAsync(ThreadLogReader reader)
    {
        Volatile.Write(ref _reader, reader);
        metrics.ReaderOpened();
        try
        {
            while (!_isStopped && output.IsOpen)
            {
                if (Encode(reader))
                {
                    if (!await TrySendAsync())
                    {
                        return true;
                    }
                }
                else if (_isStopping)
                {
                    return true;
                }
                else if (!await reader.WaitAsync())
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            metrics.ReaderClosed();
        }
    }

    /// <summary>Encodes the next events; false if there are none now.</summary>
    private bool Encode(ThreadLogReader reader)
    {
        var entries = reader.TryRead();
        if (entries.IsEmpty)
        {
            return false;
        }

        if (reader.TakeMissed() is > 0 and var missed)
        {
            _events.WriteGap(_buffer, missed, entries[0]);
            _ends.Add(_buffer.WrittenCount);
        }

        foreach (var entry in entries)
        {
            if (_events.Wants(entry) && _events.TryWrite(_buffer, entry))
            {
                _ends.Add(_buffer.WrittenCount);
            }
        }

        return true;
    }

    private async ValueTask<bool> TrySendAsync()
    {
        metrics.EventsWritten(_ends.Count);
        var start = 0;
        foreach (var end in _ends)
        {
            if (_isStopped || !await output.TrySendAsync(_buffer.WrittenMemory[start..end]))
            {
                return false;
            }

            start = end;
        }

        _ends.Clear();
        if (_buffer.Capacity > KeptBytesMax)
        {
            _buffer = new ArrayBufferWriter<byte>();
        }
        else
        {
            _buffer.ResetWrittenCount();
        }

        return true;
    }
}
