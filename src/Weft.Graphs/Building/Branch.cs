namespace Weft.Graphs;

/// <summary>A conditional edge.</summary>
/// <param name="Function">Decides where to go.</param>
/// <param name="Targets">The nodes it may name; null means any.</param>
/// <param name="Labels">What leads to each of the targets, in their order, for drawings; null: nothing more than the
/// target.</param>
internal sealed record Branch(RouteFunction Function, IReadOnlyList<string>? Targets, IReadOnlyList<string>? Labels = null);
