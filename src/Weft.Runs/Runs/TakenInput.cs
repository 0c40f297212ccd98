namespace Weft.Runs;

/// <summary>
/// What a run's <see cref="RunRecord.Kwargs"/> and the checkpoint that took its input in have in common. Storage need not keep it
/// twice.
/// </summary>
/// <param name="CheckpointId">The checkpoint of the root graph.</param>
/// <param name="Kwargs">The kwargs.</param>
/// <param name="Pieces">The pieces that the body of the checkpoint has too, in the order of the kwargs; at least one.</param>
public sealed record TakenInput(CheckpointId CheckpointId, ReadOnlyMemory<byte> Kwargs, IReadOnlyList<SharedPiece> Pieces);

/// <summary>A piece of kwargs that the body of a checkpoint has too.</summary>
/// <param name="At">The index of its first byte in the kwargs.</param>
/// <param name="Start">The index of its first byte in the body.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct SharedPiece(int At, int Start, int Length);
