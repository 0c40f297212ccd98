namespace Weft.Graphs;

/// <summary>
/// The location of each value of a checkpoint's stored state. The body that is encoded next refers to it.
/// </summary>
internal sealed class StoredState
{
    // A string takes two bytes per character in memory, and objects take more than their JSON.
    private const int ObjectCostFactor = 2;
    private const int ChannelCostBytes = 64;

    private readonly StoredBody _withInput;
    private readonly int _bodyBytes;

    internal StoredState(Checkpoint checkpoint, StoredBody stored, ValueLocation[] locations, long bytesBefore)
    {
        Checkpoint = checkpoint;
        Locations = locations;
        BytesBefore = bytesBefore;
        _withInput = checkpoint.Input is null ? default : stored;
        _bodyBytes = stored.Body.Length;
    }

    /// <summary>The state.</summary>
    public ChannelValues Values => Checkpoint.Values;

    /// <summary>The bytes of the bodies of its thread and namespace up to this one.</summary>
    public long BytesThrough => BytesBefore + _bodyBytes;

    /// <summary>
    /// The body of the checkpoint while its input waits, because the next body may refer to it; otherwise empty.
    /// </summary>
    public ReadOnlyMemory<byte> InputBody => _withInput.Body;

    /// <summary>The bytes of the bodies that were stored before this one.</summary>
    internal long BytesBefore { get; }

    internal Checkpoint Checkpoint { get; }

    internal ValueLocation[] Locations { get; }

    /// <summary>
    /// The estimated size of the state in memory, in bytes. It is computed from the length in which each value was
    /// stored or read, so it is right for a large text as well as for a long list. For messages the exact length is
    /// known.
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

    /// <summary>The location of the input that waits; null if none waits.</summary>
    internal StoredInput? Input => Checkpoint.Input is null ? null : field ??= new StoredInput(_withInput);
}

/// <summary>Where a value is stored, and the length of the chain of differences that leads to it.</summary>
/// <param name="Ordinal">The checkpoint whose body has the value or its last difference.</param>
/// <param name="ChainStart">
/// The first checkpoint whose body is needed. It has the whole value with which the chain begins, or that value as
/// input.
/// </param>
/// <param name="ChainLength">The number of differences after it.</param>
/// <param name="ChainBytes">The length of the chain in bytes.</param>
/// <param name="BytesBefore">The bytes of the bodies that were stored before the first one of the chain.</param>
/// <param name="WholeBytes">The length of the value with which the chain begins.</param>
internal readonly record struct ValueLocation(
    long Ordinal, long ChainStart, int ChainLength, long ChainBytes, long BytesBefore, long WholeBytes)
{
    // The estimated cost of reading a stored checkpoint in addition to its bytes, and the size up to which a chain is
    // never ended.
    private const int LinkCostBytes = 256;
    private const int ChainCostFreeBytes = 64 * 1024;
    private const int ChainCostFactor = 4;

    /// <summary>
    /// Whether the next value should be stored whole. A chain of messages that only appends costs about as much as the
    /// value, so it never ends. That of another list, whose length is only estimated, ends when the list has grown several
    /// times. A chain that replaces items, or has tiny items, ends when reading it costs several times as much as reading
    /// the value, and so does one whose bodies hold large values of other channels, because a body is read whole. So the
    /// written bytes stay in proportion to the changes, and the read bytes to the state.
    /// </summary>
    /// <param name="valueBytes">The estimated length of the value.</param>
    /// <param name="storedBytes">The bytes of all bodies that are stored.</param>
    public bool IsChainTooLong(long valueBytes, long storedBytes) =>
        Math.Max(ChainBytes + ((long)ChainLength * LinkCostBytes), storedBytes - BytesBefore)
        > (ChainCostFactor * Math.Max(valueBytes, WholeBytes)) + ChainCostFreeBytes;
}
