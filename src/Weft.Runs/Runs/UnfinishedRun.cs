namespace Weft.Runs;

/// <summary>A run that is pending or running, without its input.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Owner">The id of the actor that owns it.</param>
/// <param name="Status">Its status.</param>
/// <param name="NotBefore">The time before which it does not start; null if it has none.</param>
public readonly record struct UnfinishedRun(RunId RunId, string Owner, RunStatus Status, DateTimeOffset? NotBefore);
