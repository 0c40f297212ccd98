namespace Weft.Runs;

/// <summary>How long a thread is kept, counted from when this was set, and what is removed then.</summary>
/// <param name="Duration">The time to live.</param>
/// <param name="Strategy">What to remove. With <see cref="PruneStrategy.KeepLatest"/> the time to live restarts.</param>
public sealed record ThreadTtl(TimeSpan Duration, PruneStrategy Strategy);
