namespace Weft.Graphs;

/// <summary>Where each value of a checkpoint's state is stored. What is encoded next refers to it.</summary>
public sealed class StoredState
{
    private readonly StoredBody _withInput;

    internal StoredState(Checkpoint checkpoint, StoredBody stored, ValueLocation[] locations)
    {
        Checkpoint = checkpoint;
        Locations = locations;
        _withInput = checkpoint.Input is null ? default : stored;
    }

    /// <summary>The state.</summary>
    public ChannelValues Values => Checkpoint.Values;

    internal Checkpoint Checkpoint { get; }

    internal ValueLocation[] Locations { get; }

    /// <summary>Where the input is stored that waits; null when none does.</summary>
    internal StoredInput? Input => Checkpoint.Input is null ? null : field ??= new StoredInput(_withInput);
}

/// <summary>Where a value is stored, and how long the chain of differences is that leads to it.</summary>
/// <param name="Ordinal">The checkpoint whose body has the value or its last difference.</param>
/// <param name="ChainStart">The first checkpoint whose body is needed: it has the whole value that the chain begins with, or brought it as input.</param>
/// <param name="ChainLength">How many differences follow it.</param>
/// <param name="ChainBytes">How many bytes the chain has.</param>
internal readonly record struct ValueLocation(long Ordinal, long ChainStart, int ChainLength, long ChainBytes)
{
    // About what a stored checkpoint costs to read beside its bytes, and the size under which no chain is worth ending.
    private const int LinkCostBytes = 256;
    private const int ChainCostFreeBytes = 64 * 1024;
    private const int ChainCostFactor = 4;

    /// <summary>
    /// Whether the next value is better stored whole. A chain that only appends costs about what the value does, so it goes
    /// on for ever; one that replaces, or has tiny items, ends when reading it costs several times the value. So what is
    /// written stays in proportion to what changes, and what is read to what is there.
    /// </summary>
    public bool IsChainTooLong(long valueBytes) =>
        ChainBytes + ((long)ChainLength * LinkCostBytes) > (ChainCostFactor * valueBytes) + ChainCostFreeBytes;
}
