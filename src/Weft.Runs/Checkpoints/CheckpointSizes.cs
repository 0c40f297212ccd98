namespace Weft.Runs;

/// <summary>What the checkpoints of a thread occupy in storage, hidden ones included.</summary>
/// <param name="Checkpoints">The number of checkpoints.</param>
/// <param name="BodyBytes">The bytes of their bodies.</param>
/// <param name="MetadataBytes">The bytes of their metadata, which checkpoints may share.</param>
/// <param name="Outcomes">The number of outcomes of tasks.</param>
/// <param name="OutcomeBytes">The bytes of these outcomes.</param>
public sealed record CheckpointSizes(long Checkpoints, long BodyBytes, long MetadataBytes, long Outcomes, long OutcomeBytes);

/// <summary>Looks at the body of a checkpoint, whose bytes are valid only during the call.</summary>
public delegate void BodyVisitor(ReadOnlySpan<byte> body);
