namespace Weft.Graphs;

/// <summary>The part of a stored checkpoint that later ones refer to.</summary>
/// <param name="Ordinal">Its number among the stored checkpoints of its thread and namespace.</param>
/// <param name="Body">The channels as the engine encoded them.</param>
public readonly record struct StoredBody(long Ordinal, ReadOnlyMemory<byte> Body);
