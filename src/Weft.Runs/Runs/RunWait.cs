namespace Weft.Runs;

/// <summary>What a pending run waits for.</summary>
/// <param name="Reason">The reason.</param>
internal sealed record RunWait(RunWaitReason Reason)
{
    /// <summary>The run that starts or ends before it on its thread; null for other reasons.</summary>
    public RunId? RunId { get; init; }

    /// <summary>Its place, from 1, among the runs of its thread that wait.</summary>
    public int Position { get; init; }

    /// <summary>The time before which it does not start; null for other reasons.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Adds the pending runs of one thread.</summary>
    /// <param name="waits">Where to.</param>
    /// <param name="unfinished">The runs of the thread that have not ended, in the order in which they start.</param>
    /// <param name="now">The time.</param>
    public static void AddTo(Dictionary<RunId, RunWait> waits, IReadOnlyList<UnfinishedRun> unfinished, DateTimeOffset now)
    {
        RunId? before = null;
        var position = 0;
        foreach (var run in unfinished)
        {
            if (run.Status != RunStatus.Pending)
            {
                before = run.RunId;
                continue;
            }

            position++;
            var isDue = run.NotBefore is not { } notBefore || notBefore <= now;
            waits[run.RunId] = !isDue ? new RunWait(RunWaitReason.Time) { Position = position, Until = run.NotBefore }
                : before is not null ? new RunWait(RunWaitReason.Thread) { Position = position, RunId = before }
                : new RunWait(RunWaitReason.Capacity) { Position = position };

            // Later runs pass a run whose time has not come.
            before = isDue ? run.RunId : before;
        }
    }
}

/// <summary>Why a pending run does not execute yet.</summary>
internal enum RunWaitReason
{
    /// <summary>Another run of its thread is before it.</summary>
    Thread,

    /// <summary>Its time has not come.</summary>
    Time,

    /// <summary>The servers execute as many runs as they may, or no server has taken the run over yet.</summary>
    Capacity,
}
