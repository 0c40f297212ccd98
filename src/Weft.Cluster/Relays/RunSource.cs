using Weft.Runs;

namespace Weft.Cluster;

/// <summary>The events of a run, for another server.</summary>
internal sealed class RunSource : RelaySource
{
    private readonly RelaySender _sender;
    private readonly RunStreamReader _reader;
    private readonly BlockEncoder _encoder = new();
    private readonly SemaphoreSlim _taken = new(0);
    private volatile bool _isOver;
    private volatile bool _isDisposed;

    public RunSource(RelaySender sender, long number, RunStream stream, long after)
        : base(number)
    {
        _sender = sender;
        _reader = stream.ReadAll(after);
    }

    public override void Start() => _ = WatchAsync();

    public override void Collect(List<RelayNews> news, ref int left)
    {
        if (_isDisposed)
        {
            return;
        }

        if (_isOver)
        {
            news.Add(new RelayNews { Number = Number, HasMoved = true });
            return;
        }

        var events = new List<RunEvent>();
        while (left > 0 && _reader.TryRead() is { IsEmpty: false } read)
        {
            foreach (var added in read)
            {
                // One that is not valid JSON is left out. The reader of the copy finds a gap.
                if (added.TryEncode())
                {
                    events.Add(added);
                    left -= (int)Math.Min(added.CostBytes, int.MaxValue);
                }
            }
        }

        if (events.Count > 0)
        {
            news.Add(new RelayNews { Number = Number, Blocks = [.. _encoder.Encode(events).Select(BlockMessage.Of)] });
        }

        _taken.Release();
    }

    public override void Dispose()
    {
        _isDisposed = true;
        _reader.Wake();
        _taken.Release();
        _reader.Dispose();
    }

    /// <summary>Only one side uses the reader: this loop waits with it until there is something, and then until that was taken.</summary>
    private async Task WatchAsync()
    {
        var isBroken = false;
        try
        {
            while (await _reader.WaitAsync() && !_isDisposed)
            {
                _sender.Ready(this);
                await _taken.WaitAsync();
            }
        }
        catch (Exception)
        {
            // Stored events could not be read. The other server subscribes again.
            isBroken = true;
        }

        if ((_reader.IsAbandoned || isBroken) && !_isDisposed)
        {
            _isOver = true;
            _sender.Ready(this);
        }
    }
}
