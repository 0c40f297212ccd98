using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Makes the entries of a thread's event log for the messages that a checkpoint of the root graph is the first to have.</summary>
internal static class MessageEntries
{
    /// <summary>Makes the entries.</summary>
    /// <param name="runId">The run that made the checkpoint.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="body">The body in which it is stored.</param>
    /// <param name="before">The state that it grew from; null when it grew from none, or that is not known.</param>
    public static IReadOnlyList<RunEventRecord> Of(RunId runId, Checkpoint checkpoint, ReadOnlyMemory<byte> body, StoredState? before)
    {
        List<RunEventRecord>? entries = null;
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

            entries ??= [];
            entries.Add(new RunEventRecord
            {
                RunId = runId,
                Category = RunEventCategory.Message,
                Type = message.Type,
                Content = content,
                Place = place,
                CreatedAt = checkpoint.CreatedAt,
            });
        }

        return entries ?? (IReadOnlyList<RunEventRecord>)[];
    }
}
