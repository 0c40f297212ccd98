using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Finds the messages that a checkpoint of the root graph is the first to have.</summary>
internal static class NewMessages
{
    /// <summary>Returns the messages.</summary>
    /// <param name="runId">The run that made the checkpoint.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="body">The body in which it is stored.</param>
    /// <param name="before">The state that it grew from; null when it grew from none, or that is not known.</param>
    public static IReadOnlyList<MessageRecord> Of(RunId runId, Checkpoint checkpoint, ReadOnlyMemory<byte> body, StoredState? before)
    {
        List<MessageRecord>? found = null;
        ContentPlaces? own = null, ofInput = null;
        foreach (var message in checkpoint.Values.MessagesSince(before?.Values ?? checkpoint.Values.Schema.Initial))
        {
            var content = message.Utf8;
            ContentPlace? place = null;
            if (content.Length >= ContentPlaces.ContentBytesMin)
            {
                own ??= new ContentPlaces(CheckpointId.Parse(checkpoint.Id), body);
                ofInput ??= before is { InputBody: { IsEmpty: false } input }
                    ? new ContentPlaces(CheckpointId.Parse(before.Checkpoint.Id), input)
                    : null;
                place = own.Find(content.Span) ?? ofInput?.Find(content.Span);
            }

            found ??= [];
            found.Add(new MessageRecord { RunId = runId, Content = content, Place = place, CreatedAt = checkpoint.CreatedAt });
        }

        return found ?? (IReadOnlyList<MessageRecord>)[];
    }
}
