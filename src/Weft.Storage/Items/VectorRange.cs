using Weft.Graphs;

namespace Weft.Storage;

/// <summary>The vectors of a space that belong to an owner's items below a namespace.</summary>
internal readonly record struct VectorRange(string Owner, ItemNamespace Prefix, long Space);
