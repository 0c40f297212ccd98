namespace Weft.Runs;

/// <summary>The write builds on a checkpoint that is not stored. Nothing was stored.</summary>
public sealed class CheckpointMissingException(CheckpointId checkpointId)
    : Exception($"Checkpoint {checkpointId} is not stored, so nothing can build on it.");
