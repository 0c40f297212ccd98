namespace Weft.Runs;

/// <summary>A cron was changed or deleted, or another server created its run, before the run was stored. Nothing was stored.</summary>
internal sealed class CronChangedException(CronId cronId) : Exception($"Cron {cronId} was changed before its run was stored.");
