using System.Buffers;

namespace Weft.Runs;

/// <summary>
/// The memory that the encoding of blocks needs. The runs whose events are encoded on a thread of the system use it one after another, so
/// that a short run allocates little and an idle run keeps none.
/// </summary>
internal sealed class EncoderBuffers
{
    // More would stay in memory of each thread of the system.
    private const int IdleMarksMax = 4_000;
    private const int IdleValuesMax = 1_000;
    private const int IdleBytesMax = 65_536;

    [ThreadStatic]
    private static EncoderBuffers? _idle;

    private EncoderBuffers()
    {
    }

    /// <summary>The fields of a block.</summary>
    public FieldWriter Fields { get; } = new();

    /// <summary>The checkpoints that the values of a block refer to.</summary>
    public FieldWriter BaseFields { get; } = new();

    /// <summary>The difference of a value to others.</summary>
    public ArrayBufferWriter<byte> Difference { get; } = new(256);

    public List<StreamBase> Bases { get; } = [];

    public List<ReadOnlyMemory<byte>> Values { get; } = [];

    public Dictionary<object, int> Known { get; } = new(ReferenceEqualityComparer.Instance);

    public List<bool> NeedBase { get; } = [];

    public Dictionary<ulong, (int Source, int At)> Marks { get; } = [];

    public Dictionary<ulong, (int Source, int At)> MarksOfBased { get; } = [];

    public List<CopiedRange> Copies { get; } = [];

    /// <summary>Takes the buffers of this thread. Nobody else has them until they are returned.</summary>
    public static EncoderBuffers Take()
    {
        var taken = _idle ?? new EncoderBuffers();
        _idle = null;
        return taken;
    }

    /// <summary>Returns the buffers, which are empty then. Large ones are released.</summary>
    public void Return()
    {
        Clear();
        if (Marks.Capacity + MarksOfBased.Capacity <= IdleMarksMax && Values.Capacity <= IdleValuesMax
            && Difference.Capacity <= IdleBytesMax)
        {
            _idle = this;
        }
    }

    /// <summary>Begins another block.</summary>
    public void Clear()
    {
        Fields.Clear();
        BaseFields.Clear();
        Difference.ResetWrittenCount();
        Bases.Clear();
        Values.Clear();
        NeedBase.Clear();
        Known.Clear();
        Marks.Clear();
        MarksOfBased.Clear();
        Copies.Clear();
    }
}
