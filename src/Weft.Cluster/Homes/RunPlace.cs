using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Where a run is.</summary>
/// <param name="Here">The run, if this server has it.</param>
/// <param name="Server">The other server that has it; null if none has, because the run has ended.</param>
/// <param name="IsBetween">Whether no server has it for the moment.</param>
internal readonly record struct RunPlace(IRunHandle? Here, int? Server, bool IsBetween = false);
