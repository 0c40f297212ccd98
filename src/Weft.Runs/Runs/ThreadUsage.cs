using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The tokens that the models of a thread's runs took.</summary>
/// <param name="Runs">The number of runs of which it is known.</param>
/// <param name="Usage">The sum.</param>
public sealed record ThreadUsage(long Runs, UsageByModel Usage);
