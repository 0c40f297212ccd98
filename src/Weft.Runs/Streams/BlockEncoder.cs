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
        var first = events[at];
        var last = first;
        var parts = new PartEncoder(_writer, states);
        do
        {
            var next = events[at];
            _writer.Number((next.CreatedAt - last.CreatedAt).Ticks);
            parts.Write(next.Part);
            last = next;
            at++;
        }
        while (at < events.Count && events[at].Seq == last.Seq + 1 && _writer.Length < BytesUsual);

        return new StreamBlock(first.Seq, last.Seq, _writer.Take(), first.CreatedAt) { Format = BlockFormats.Parts };
    }
}
