using Orleans;

namespace Weft.Cluster;

/// <summary>The kinds of answers to a call.</summary>
internal enum ReplyKind
{
    /// <summary>The call was handled.</summary>
    Done,

    /// <summary>Another server is the home of the thread, or it has none.</summary>
    Elsewhere,

    /// <summary>The call is refused: its client sent something wrong, or a limit is reached.</summary>
    Refused,

    /// <summary>An earlier request with the same key has created the run that is named.</summary>
    Repeated,

    /// <summary>The cron of the run was changed in the meantime.</summary>
    CronChanged,

    /// <summary>The database can't be used now.</summary>
    Unavailable,
}

/// <summary>What a call that is refused tells its client. See <see cref="Weft.Runs.WeftException"/>.</summary>
[GenerateSerializer, Alias("weft.Refusal"), Immutable]
internal sealed record Refusal
{
    [Id(0)]
    public required int Kind { get; init; }

    [Id(1)]
    public required string Message { get; init; }

    [Id(2)]
    public string? Field { get; init; }

    [Id(3)]
    public bool IsOfActor { get; init; }
}

/// <summary>The answer to a call.</summary>
[GenerateSerializer, Alias("weft.Reply`1"), Immutable]
internal sealed record Reply<T>
{
    [Id(0)]
    public required ReplyKind Kind { get; init; }

    [Id(1)]
    public T? Value { get; init; }

    /// <summary>The home of the thread, if it is elsewhere and known.</summary>
    [Id(2)]
    public int? Home { get; init; }

    [Id(3)]
    public Refusal? Refusal { get; init; }

    /// <summary>The run of the repeated request.</summary>
    [Id(4)]
    public Guid? RunId { get; init; }

    /// <summary>Why the database can't be used.</summary>
    [Id(5)]
    public int Fault { get; init; }

    /// <summary>Whether a run that was cancelled has ended. If not, it may have moved to another server since.</summary>
    [Id(6)]
    public bool HasEnded { get; init; }
}
