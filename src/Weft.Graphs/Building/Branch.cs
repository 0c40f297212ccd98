namespace Weft.Graphs;

/// <summary>A conditional edge.</summary>
/// <param name="Function">Decides where to go.</param>
/// <param name="Targets">The nodes that it may name; null means any node.</param>
/// <param name="Labels">
/// The label of each target for drawings, in the order of the targets; null if only the targets are shown.
/// </param>
internal sealed record Branch(RouteFunction Function, IReadOnlyList<string>? Targets, IReadOnlyList<string>? Labels = null);
