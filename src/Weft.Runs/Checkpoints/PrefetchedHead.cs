namespace Weft.Runs;

/// <summary>The newest checkpoint of a thread's root graph, read together with those of other threads.</summary>
/// <param name="Entry">The checkpoint; null if the thread has none.</param>
/// <param name="Version">The version of the cache before it was read.</param>
internal readonly record struct PrefetchedHead(CheckpointEntry? Entry, int Version);
