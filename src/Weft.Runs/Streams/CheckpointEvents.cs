using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Finds where the log of a run shows a checkpoint.</summary>
internal static class CheckpointEvents
{
    /// <summary>
    /// Returns the number of the last event that shows the checkpoint or its state; null if none does that is available now. The start
    /// of a resumed run shows the state of an earlier run.
    /// </summary>
    public static async Task<long?> FindLastAsync(RunStream stream, string checkpointId)
    {
        using var reader = stream.ReadAll(-1);
        for (long? last = null; ;)
        {
            var events = reader.TryRead();
            if (!events.IsEmpty)
            {
                last = LastOf(events, checkpointId) ?? last;
            }
            else if (reader.MustFetch)
            {
                await reader.WaitAsync();
            }
            else
            {
                return last;
            }
        }
    }

    private static long? LastOf(ReadOnlySpan<RunEvent> events, string checkpointId)
    {
        for (var i = events.Length - 1; i >= 0; i--)
        {
            if (Shows(events[i].Part, checkpointId))
            {
                return events[i].Seq;
            }
        }

        return null;
    }

    private static bool Shows(StreamPart part, string checkpointId) => part switch
    {
        // A pause shows the newest checkpoint again, with the questions that are new.
        ValuesPart { Interrupts: null } values => values.Checkpoint?.Id == checkpointId,
        StateCheckpointPart state => state.Checkpoint.Id == checkpointId,
        CheckpointPart checkpoint => checkpoint.Info.Id == checkpointId,
        DebugPart debug => Shows(debug.Part, checkpointId),
        _ => false,
    };
}
