using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Encodes the events of a run in blocks, in a form that belongs to no protocol. <see cref="BlockReader"/> reads it. Not safe for
/// concurrent use.
/// </summary>
/// <remarks>
/// Most of a token is what it has in common with the token before: the names, the message and its metadata. In a block they stand
/// once. A block is complete in itself, so that blocks can be removed and read one by one.
/// </remarks>
/// <param name="states">Stores states as differences; null means that states are stored whole.</param>
internal sealed class BlockEncoder(SharedStates? states = null)
{
    // Hundreds of tokens. A reader decodes a block from its start, and a log that is too large loses whole blocks.
    private const int BytesUsual = 4_000;

    private readonly FieldWriter _writer = new();

    /// <summary>Returns the blocks of events, whose values are valid JSON.</summary>
    public IReadOnlyList<StreamBlock> Encode(IReadOnlyList<RunEvent> events)
    {
        var blocks = new List<StreamBlock>(1);
        for (var at = 0; at < events.Count;)
        {
            blocks.Add(EncodeOne(events, ref at));
        }

        return blocks;
    }

    private StreamBlock EncodeOne(IReadOnlyList<RunEvent> events, ref int at)
    {
        // A block before may have failed half-way.
        _writer.Clear();
        var (firstSeq, lastSeq) = (events[at].Seq, events[at].Seq);
        // Stores keep microseconds. The ids of events have their times, so the rest of the first time counts too.
        var createdAt = events[at].CreatedAt;
        createdAt = createdAt.AddTicks(-(createdAt.Ticks % TimeSpan.TicksPerMicrosecond));
        var (parts, time) = (new PartEncoder(_writer, states), createdAt);
        do
        {
            var next = events[at];
            _writer.Number((next.CreatedAt - time).Ticks);
            parts.Write(next.Part);
            (time, lastSeq) = (next.CreatedAt, next.Seq);
            at++;
        }
        while (at < events.Count && events[at].Seq == lastSeq + 1 && (_writer.Length < BytesUsual || SharesData(events[at].Part)));

        return new StreamBlock(firstSeq, lastSeq, _writer.Take(), createdAt) { Format = BlockFormats.Parts };
    }

    /// <summary>Whether the part has an image or a file that the block has already. In another block it would be stored twice.</summary>
    private bool SharesData(StreamPart part) => part is MessageBlockPart { Data: { } data } && _writer.Has(data);
}
