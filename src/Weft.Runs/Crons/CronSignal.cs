namespace Weft.Runs;

/// <summary>Wakes the worker of crons, because a cron may be due earlier than the worker knows.</summary>
internal sealed class CronSignal : WakeSignal;
