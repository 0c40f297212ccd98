using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// The result of a write that an attempt makes for its run. A refusal is a row of the result, because an error would fail the
/// whole group.
/// </summary>
internal enum FencedResult
{
    /// <summary>The write is stored.</summary>
    Stored = 0,

    /// <summary>The attempt does not own the run.</summary>
    Stale = 1,

    /// <summary>The checkpoint that the write builds on is not stored.</summary>
    CheckpointMissing = 2,
}

internal static class FencedResults
{
    /// <summary>Throws if the write was refused.</summary>
    public static void ThrowIfRefused(this FencedResult result, RunAttempt attempt, CheckpointId? builtOn = null)
    {
        switch (result)
        {
            case FencedResult.Stale:
                throw new StaleAttemptException(attempt);
            case FencedResult.CheckpointMissing:
                throw new CheckpointMissingException(builtOn!.Value);
        }
    }
}
