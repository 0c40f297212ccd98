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
/// <param name="values">
/// Writes values as differences to what is stored already; null means that values are written whole, in a form that earlier versions
/// can read too.
/// </param>
internal sealed class BlockEncoder(ValueEncoder? values = null)
{
    // Hundreds of tokens. A reader decodes a block from its start, and a log that is too large loses whole blocks.
    private const int BytesUsual = 4_000;

    // Up to this size, a block also takes parts that probably show again what it has already.
    private const int RepeatedBytesUsual = 16_000;

    // A reader that continues in the middle of a block restores the values before, too.
    private const int ValueBytesUsual = 4_000_000;

    /// <summary>Returns the blocks of events, whose values are valid JSON.</summary>
    public IReadOnlyList<StreamBlock> Encode(IReadOnlyList<RunEvent> events)
    {
        if (events.Count == 0)
        {
            return [];
        }

        // Those of a block that fails half-way are not used again.
        var buffers = EncoderBuffers.Take();
        var blocks = new List<StreamBlock>(1);
        for (var at = 0; at < events.Count;)
        {
            blocks.Add(EncodeOne(events, ref at, buffers));
        }

        values?.Release();
        buffers.Return();
        return blocks;
    }

    private StreamBlock EncodeOne(IReadOnlyList<RunEvent> events, ref int at, EncoderBuffers buffers)
    {
        var writer = buffers.Fields;
        values?.Begin(buffers);
        var (firstSeq, lastSeq) = (events[at].Seq, events[at].Seq);
        // Stores keep microseconds. The ids of events have their times, so the rest of the first time counts too.
        var createdAt = events[at].CreatedAt;
        createdAt = createdAt.AddTicks(-(createdAt.Ticks % TimeSpan.TicksPerMicrosecond));
        var (parts, time) = (new PartEncoder(writer, values), createdAt);
        do
        {
            var next = events[at];
            writer.Number((next.CreatedAt - time).Ticks);
            parts.Write(next.Part);
            (time, lastSeq) = (next.CreatedAt, next.Seq);
            at++;
        }
        while (at < events.Count && events[at].Seq == lastSeq + 1 && events[at - 1].Part is not RunEndPart
            && HasRoomFor(events[at].Part, writer));

        var format = values is null ? BlockFormats.Parts : BlockFormats.PartsOfValues;
        return new StreamBlock(firstSeq, lastSeq, Take(buffers), createdAt) { Format = format };
    }

    private bool HasRoomFor(StreamPart part, FieldWriter writer)
    {
        if (SharesData(part, writer))
        {
            return true;
        }

        return values is null ? writer.Length < BytesUsual : values.ValueBytes < ValueBytesUsual && writer.Length < BytesMaxBefore(part);
    }

    /// <summary>Parts show again what a node wrote, what it did with it, and the text of a message so far.</summary>
    private static int BytesMaxBefore(StreamPart part) => part switch
    {
        PartialMessagePart partial => RepeatedBytesUsual + partial.Content.Length,
        ValuesPart or UpdatePart or CheckpointPart or TaskStartPart or TaskResultPart or DebugPart => RepeatedBytesUsual,
        CompleteMessagesPart or EventPart => RepeatedBytesUsual,
        _ => BytesUsual,
    };

    private byte[] Take(EncoderBuffers buffers)
    {
        values?.WriteBases(buffers.BaseFields);
        var taken = buffers.Fields.TakeAfter(buffers.BaseFields.Written);
        buffers.Clear();
        return taken;
    }

    /// <summary>Whether the part has an image or a file that the block has already. In another block it would be stored twice.</summary>
    private static bool SharesData(StreamPart part, FieldWriter writer) => part is MessageBlockPart { Data: { } data } && writer.Has(data);
}
