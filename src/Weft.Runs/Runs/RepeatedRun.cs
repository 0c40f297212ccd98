namespace Weft.Runs;

/// <summary>A run that an earlier request with the same <see cref="RequestKey"/> created.</summary>
/// <param name="Run">The run, which may have ended.</param>
/// <param name="BodyHash">The <see cref="RequestKey.BodyHash"/> of the earlier request.</param>
public sealed record RepeatedRun(RunRecord Run, string BodyHash);
