namespace Weft.Runs;

/// <summary>The step of a cron from one run to the next. Storage commits it together with the run.</summary>
/// <param name="CronId">The cron.</param>
/// <param name="Version">Its <see cref="CronRecord.Version"/> when the run became due. Any change since then prevents the run.</param>
/// <param name="NextRunAt">When the next run is due; null if none is.</param>
public sealed record CronStep(CronId CronId, long Version, DateTimeOffset? NextRunAt);
