using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A copy of the log of a run that another server executes.</summary>
internal sealed class CopiedLog(RunRecord run, CopiedLogs copies, TimeProvider time) : IRelayReceiver
{
    // Events that are missing one by one are shown as gaps; a larger part is skipped at once.
    private const int GapMax = 64;

    private static readonly TimeSpan UnusedTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<RelayNews> _early = [];
    private RunStream? _stream;
    private long _target;
    private long _usedAt = time.GetTimestamp();

    /// <summary>The run when the copy was made.</summary>
    public RunRecord Run => run;

    /// <summary>The copy; null before the subscription began.</summary>
    public RunStream? Stream => _stream;

    /// <summary>Completes when the copy has what the log had when the subscription began.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Keeps the copy for a while, so that a reader can be added.</summary>
    public void Use() => Volatile.Write(ref _usedAt, time.GetTimestamp());

    public SubscribeRequest Request(Guid relay, long number) => new()
    {
        Relay = relay,
        Number = number,
        ThreadId = run.ThreadId.Value,
        RunId = run.RunId.Value,
        After = _stream is { } stream ? stream.NextSeq - 1 : null,
    };

    public void Begin(LogMessage[] logs)
    {
        lock (_lock)
        {
            if (_stream is null)
            {
                var info = logs[0].ToInfo();
                _target = info.NextSeq;
                _stream = copies.Create(info, run);
                _early.ForEach(Add);
                _early.Clear();
                CheckCaughtUp(_stream);
            }
        }
    }

    public void Receive(RelayNews news)
    {
        lock (_lock)
        {
            if (_stream is null)
            {
                _early.Add(news);
            }
            else
            {
                Add(news);
            }
        }
    }

    public bool IsUnused()
    {
        if (_stream is not { } stream)
        {
            return false;
        }

        if (!stream.HasEnded && (stream.ReaderCount > 0 || copies.IsFollowed(run.ThreadId)))
        {
            Use();
            return false;
        }

        if (!stream.HasEnded && time.GetElapsedTime(Volatile.Read(ref _usedAt)) < UnusedTime)
        {
            return false;
        }

        copies.End(this, stream);
        return true;
    }

    public void Lose()
    {
        if (_stream is { HasEnded: false } stream)
        {
            copies.Lose(this, stream);
        }
    }

    private void Add(RelayNews news)
    {
        var stream = _stream!;
        foreach (var message in news.Blocks)
        {
            copies.Relayed(message.LastSeq - message.FirstSeq + 1);
            for (var reader = new BlockReader(message.ToBlock(), run.Key); !reader.IsAtEnd;)
            {
                reader.Begin();
                var seq = reader.Seq;
                var added = reader.Read(static state => state.ToArray());
                if (seq < stream.NextSeq)
                {
                    // It was received before the relay was interrupted.
                    continue;
                }

                if (seq - stream.NextSeq > GapMax)
                {
                    stream.SkipTo(seq);
                }

                while (stream.NextSeq < seq)
                {
                    stream.Append(GapPart.Instance, added.CreatedAt);
                }

                stream.Append(added.Part, added.CreatedAt);
            }
        }

        CheckCaughtUp(stream);
    }

    private void CheckCaughtUp(RunStream stream)
    {
        if (stream.NextSeq >= _target || stream.HasEnded)
        {
            _caughtUp.TrySetResult();
        }
    }
}
