namespace Weft.Graphs;

/// <summary>Where each value of a checkpoint's state is stored. What is encoded next refers to it.</summary>
internal sealed class StoredState
{
    // A string takes two bytes a character in memory, and objects more than their JSON.
    private const int ObjectCostFactor = 2;
    private const int ChannelCostBytes = 64;

    private readonly StoredBody _withInput;
    private readonly int _bodyBytes;

    internal StoredState(Checkpoint checkpoint, StoredBody stored, ValueLocation[] locations)
    {
        Checkpoint = checkpoint;
        Locations = locations;
        _withInput = checkpoint.Input is null ? default : stored;
        _bodyBytes = stored.Body.Length;
    }

    /// <summary>The state.</summary>
    public ChannelValues Values => Checkpoint.Values;

    /// <summary>
    /// The body of the checkpoint while its input waits, which what is encoded next may refer to; else empty.
    /// </summary>
    public ReadOnlyMemory<byte> InputBody => _withInput.Body;

    internal Checkpoint Checkpoint { get; }

    internal ValueLocation[] Locations { get; }

    /// <summary>
    /// About how many bytes the state takes in memory. The length in which a value was stored or read is known, so this
    /// is as true of a large text as of a long list; of messages the exact length is.
    /// </summary>
    public long EstimateBytes()
    {
        var values = Values.Span;
        long bytes = 256 + (Checkpoint.Input is null && !Checkpoint.Next.Any(task => task.Send is not null) ? 0 : _bodyBytes);
        for (var i = 0; i < values.Length; i++)
        {
            bytes += values[i] switch
            {
                null => 0,
                MessageList messages => ChannelCostBytes + messages.Bytes,
                _ => ChannelCostBytes + (ObjectCostFactor * Locations[i].ChainBytes),
            };
        }

        return bytes;
    }

    /// <summary>Where the input is stored that waits; null when none does.</summary>
    internal StoredInput? Input => Checkpoint.Input is null ? null : field ??= new StoredInput(_withInput);
}

/// <summary>Where a value is stored, and how long the chain of differences is that leads to it.</summary>
/// <param name="Ordinal">The checkpoint whose body has the value or its last difference.</param>
/// <param name="ChainStart">The first checkpoint whose body is needed: it has the whole value that the chain begins
/// with, or brought it as input.</param>
/// <param name="ChainLength">How many differences follow it.</param>
/// <param name="ChainBytes">How many bytes the chain has.</param>
internal readonly record struct ValueLocation(long Ordinal, long ChainStart, int ChainLength, long ChainBytes)
{
    // About what a stored checkpoint costs to read beside its bytes, and the size under which no chain is worth ending.
    private const int LinkCostBytes = 256;
    private const int ChainCostFreeBytes = 64 * 1024;
    private const int ChainCostFactor = 4;

    /// <summary>
    /// Whether the next value is better stored whole. A chain that only appends costs about what the value does, so it
    /// has no end; one that replaces, or has tiny items, ends when reading it costs several times the value. So
    /// what is written stays in proportion to what changes, and what is read to what is there.
    /// </summary>
    public bool IsChainTooLong(long valueBytes) =>
        ChainBytes + ((long)ChainLength * LinkCostBytes) > (ChainCostFactor * valueBytes) + ChainCostFreeBytes;
}
