using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Reads the events of a stored block one after the other. What can't be read any more is returned as <see cref="GapPart"/>.
/// </summary>
/// <param name="block">The block.</param>
/// <param name="run">The run.</param>
internal sealed class BlockReader(StreamBlock block, RunKey run)
{
    private const byte LineFeed = (byte)'\n';

    private readonly Dictionary<string, StreamBase?> _states = [];
    private FieldReader? _fields;
    private string _kind = "";
    private DateTimeOffset _createdAt = block.CreatedAt;
    private bool _isUnreadable;

    /// <summary>The number of the event that is read next.</summary>
    public long Seq { get; private set; } = block.FirstSeq;

    /// <summary>Whether all events have been read.</summary>
    public bool IsAtEnd => Seq > block.LastSeq;

    /// <summary>
    /// The id of a checkpoint whose state the event that was read last needs, and that was not passed to <see cref="Use"/> yet; null
    /// if the event needs none.
    /// </summary>
    public string? MissingBaseId => _fields?.Values?.MissingBaseId;

    /// <summary>Passes the state of a checkpoint that values of the block may refer to, and goes back to the first event.</summary>
    /// <param name="checkpointId">The checkpoint.</param>
    /// <param name="state">Its state; null if it is not available any more.</param>
    public void Use(string checkpointId, StreamBase? state)
    {
        _states[checkpointId] = state;
        (_fields, _isUnreadable, Seq, _createdAt) = (null, false, block.FirstSeq, block.CreatedAt);
    }

    /// <summary>Begins the next event. Returns the id of the checkpoint whose state it alone refers to; null if there is none.</summary>
    public string? Begin() => Try<string>(() => block.Format switch
    {
        BlockFormats.Parts or BlockFormats.PartsOfValues => BeginPart(),
        BlockFormats.Part or BlockFormats.Event => BeginEvent(),
        _ => throw new FormatException("Only a later version of the server can read the block."),
    });

    /// <summary>Reads the rest of the event.</summary>
    /// <param name="restore">Returns the state from its stored form; null if that is not possible any more.</param>
    public RunEvent Read(Func<ReadOnlyMemory<byte>, byte[]?> restore)
    {
        var part = Try(() => block.Format == BlockFormats.Event ? ReadEvent(restore) : ReadPart(restore));
        return new RunEvent(Seq++, part ?? GapPart.Instance, _createdAt);
    }

    private string? BeginPart()
    {
        _fields ??= BeginBlock();
        _createdAt = _createdAt.AddTicks(_fields.Number());
        _kind = _fields.SharedText();
        return block.Format == BlockFormats.Parts && PartKinds.HasState(_kind) ? _fields.SharedTextOrNull() : null;
    }

    private FieldReader BeginBlock()
    {
        var fields = new FieldReader(block.Data);
        if (block.Format == BlockFormats.PartsOfValues)
        {
            var bases = new List<ValueBase>();
            for (var count = fields.Int(); bases.Count < count;)
            {
                var (id, hash) = (fields.Text(), fields.Bytes());
                var isPassed = _states.TryGetValue(id, out var state);
                bases.Add(new ValueBase(id, isPassed, state is not null && hash.Span.SequenceEqual(state.Hash) ? state : null));
            }

            fields.Values = new ValueDecoder(bases);
        }

        return fields;
    }

    private string? BeginEvent()
    {
        var data = block.Data;
        _kind = Line(ref data);
        var id = Line(ref data);
        _fields = new FieldReader(data, canShare: false);
        return id.Length > 0 ? id : null;
    }

    private StreamPart? ReadPart(Func<ReadOnlyMemory<byte>, byte[]?> restore)
    {
        _fields!.Restore = restore;
        return PartDecoder.Read(_kind, _fields);
    }

    private StreamPart? ReadEvent(Func<ReadOnlyMemory<byte>, byte[]?> restore) =>
        restore(_fields!.Rest()) is { } json ? FirstProtocolEvents.Read(run, _kind, json) : null;

    /// <summary>Returns null if the block is damaged, or has a part that this version does not know. Then its rest can't be read.</summary>
    private T? Try<T>(Func<T?> read)
        where T : class
    {
        if (_isUnreadable)
        {
            return null;
        }

        try
        {
            return read();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException or InvalidOperationException
            or InvalidCastException or KeyNotFoundException or OverflowException or JsonException)
        {
            _isUnreadable = true;
            return null;
        }
    }

    private static string Line(ref ReadOnlyMemory<byte> data)
    {
        var length = data.Span.IndexOf(LineFeed);
        var line = Encoding.UTF8.GetString(data.Span[..length]);
        data = data[(length + 1)..];
        return line;
    }
}
