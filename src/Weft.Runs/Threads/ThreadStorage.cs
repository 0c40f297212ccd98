namespace Weft.Runs;

/// <summary>The bytes that the state and the history of a thread occupy in storage, without indexes.</summary>
public sealed record ThreadStorage
{
    /// <summary>The number of checkpoints.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>The bytes of the checkpoints without the values of their channels, and of their metadata.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>The number of values of channels, and of differences between them.</summary>
    public required long Values { get; init; }

    /// <summary>The bytes of these values by the names of the channels.</summary>
    public required IReadOnlyDictionary<string, long> ValueBytes { get; init; }

    /// <summary>The number of outcomes of tasks that wait for the end of their superstep.</summary>
    public required long Writes { get; init; }

    /// <summary>The bytes of these outcomes.</summary>
    public required long WriteBytes { get; init; }
}
