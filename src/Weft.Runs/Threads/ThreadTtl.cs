namespace Weft.Runs;

/// <summary>How long a thread is kept, counted from when this was said, and what becomes of it then.</summary>
/// <param name="Duration">How long.</param>
/// <param name="Strategy">What becomes of it. With <see cref="PruneStrategy.KeepLatest"/> the time begins anew.</param>
public sealed record ThreadTtl(TimeSpan Duration, PruneStrategy Strategy);
