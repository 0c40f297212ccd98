namespace Weft.Graphs;

/// <summary>An item of a list channel, and where it comes from.</summary>
/// <param name="Json">The item as it is stored.</param>
/// <param name="Ordinal">The first checkpoint that has it; 0 if it is unknown, because earlier ones were removed.</param>
/// <param name="Node">The node that wrote it; null if that is not known.</param>
internal readonly record struct ItemOrigin(ReadOnlyMemory<byte> Json, long Ordinal, string? Node);
