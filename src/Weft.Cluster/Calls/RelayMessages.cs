using Orleans;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Asks for the events of a run or of a thread's runs, which the following calls of the relay return.</summary>
[GenerateSerializer, Alias("weft.Subscribe"), Immutable]
internal sealed record SubscribeRequest
{
    /// <summary>The relay, chosen by the server that reads.</summary>
    [Id(0)]
    public required Guid Relay { get; init; }

    /// <summary>The number of the subscription, chosen by the server that reads.</summary>
    [Id(1)]
    public required long Number { get; init; }

    [Id(2)]
    public required string ThreadId { get; init; }

    /// <summary>The run; null for a thread.</summary>
    [Id(3)]
    public Guid? RunId { get; init; }

    /// <summary>Of a run: the number of the last event that the reader has; null for the place that the reply names.</summary>
    [Id(4)]
    public long? After { get; init; }

    /// <summary>Of a thread: the first run in the order of starts that matters.</summary>
    [Id(5)]
    public long StartOrder { get; init; }

    /// <summary>Whether the changes of all threads are meant, in place of a run or a thread.</summary>
    [Id(7)]
    public bool IsFeed { get; init; }

    /// <summary>Of a thread: whether all events of its runs are wanted, so that new runs record and store them.</summary>
    [Id(6)]
    public bool WantsAllEvents { get; init; }

    /// <summary>
    /// Of a thread: the server that reads, if it is the home of the thread and gives it away. A server of an earlier version does not
    /// take it.
    /// </summary>
    [Id(8)]
    public int? Giver { get; init; }
}

/// <summary>The logs that a subscription begins with: one of a run, or those of a thread that are in memory.</summary>
[GenerateSerializer, Alias("weft.Subscribed"), Immutable]
internal sealed record SubscribeReply
{
    [Id(0)]
    public required LogMessage[] Logs { get; init; }
}

/// <summary>Waits for events of the subscriptions of a relay.</summary>
[GenerateSerializer, Alias("weft.RelayRequest"), Immutable]
internal sealed record RelayRequest
{
    /// <summary>The number before that of the first reply.</summary>
    public const long None = 1;

    [Id(0)]
    public required Guid Relay { get; init; }

    /// <summary>The number of the last reply that has arrived; <see cref="None"/> if none has.</summary>
    [Id(1)]
    public required long Received { get; init; }

    /// <summary>The subscriptions that are over.</summary>
    [Id(2)]
    public required long[] Ended { get; init; }
}

/// <summary>News of the subscriptions of a relay.</summary>
[GenerateSerializer, Alias("weft.RelayReply"), Immutable]
internal sealed record RelayReply
{
    /// <summary>Counts the replies of the relay; 0 if the relay is not known, so that all must be subscribed again.</summary>
    [Id(0)]
    public required long Number { get; init; }

    [Id(1)]
    public required RelayNews[] News { get; init; }
}

/// <summary>News of one subscription.</summary>
[GenerateSerializer, Alias("weft.RelayNews"), Immutable]
internal sealed record RelayNews
{
    [Id(0)]
    public required long Number { get; init; }

    /// <summary>Events of the run.</summary>
    [Id(1)]
    public BlockMessage[] Blocks { get; init; } = [];

    /// <summary>Whether the log ended without a last event, because the run continues elsewhere.</summary>
    [Id(2)]
    public bool HasMoved { get; init; }

    /// <summary>A run of the thread that has started.</summary>
    [Id(3)]
    public LogMessage? Started { get; init; }

    /// <summary>Whether the state of the thread was edited, with the checkpoint that the edit made.</summary>
    [Id(4)]
    public bool IsEdit { get; init; }

    [Id(5)]
    public string? CheckpointId { get; init; }

    [Id(6)]
    public string? Namespace { get; init; }

    /// <summary>Changes of all threads.</summary>
    [Id(7)]
    public ChangeMessage[] Changes { get; init; } = [];
}

/// <summary>Events of a run that follow each other. See <see cref="StreamBlock"/>.</summary>
[GenerateSerializer, Alias("weft.Block"), Immutable]
internal sealed record BlockMessage
{
    [Id(0)]
    public required long FirstSeq { get; init; }

    [Id(1)]
    public required long LastSeq { get; init; }

    [Id(2)]
    public required DateTimeOffset CreatedAt { get; init; }

    [Id(3)]
    public required int Format { get; init; }

    [Id(4)]
    public required byte[] Data { get; init; }

    public static BlockMessage Of(StreamBlock block) => new()
    {
        FirstSeq = block.FirstSeq,
        LastSeq = block.LastSeq,
        CreatedAt = block.CreatedAt,
        Format = block.Format,
        Data = block.Data.ToArray(),
    };

    public StreamBlock ToBlock() => new(FirstSeq, LastSeq, Data, CreatedAt) { Format = Format };
}
