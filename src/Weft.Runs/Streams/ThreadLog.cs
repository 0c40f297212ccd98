namespace Weft.Runs;

/// <summary>
/// The log of a thread: the logs of its runs, one after another in the order in which the runs started. It has the logs that
/// are in memory, and the readers that follow the thread. The lock of <see cref="ThreadLogs"/> protects it.
/// </summary>
/// <remarks>
/// An event has a number in the log of its run and, made of it, one in the log of the thread. Neither changes when the server
/// restarts, and no counter has to be stored: the store keeps the <see cref="RunRecord.StartOrder"/> of the run.
/// </remarks>
internal sealed class ThreadLog
{
    // A run has room for 2^33 events and a thread for 2^20 runs, so that JavaScript can represent every number exactly.
    private const int NumberBits = 33;

    private readonly List<RunStream> _runs = [];
    private readonly List<IThreadFollower> _followers = [];

    /// <summary>Whether it has neither logs nor readers.</summary>
    public bool IsEmpty => _runs.Count == 0 && _followers.Count == 0;

    /// <summary>Whether it has readers.</summary>
    public bool HasFollowers => _followers.Count > 0;

    /// <summary>Whether a reader wants all events of the thread.</summary>
    public bool IsFollowed { get; private set; }

    /// <summary>
    /// The order of the run that started last, if it started here, whether or not its log is still in memory. 0 if another server may
    /// have started later ones.
    /// </summary>
    public long LastStartedHere { get; private set; }

    /// <summary>The log of the run that started last; null if none is in memory.</summary>
    public RunStream? Newest => _runs.FindLast(run => run.StartOrder > 0);

    /// <summary>The log that was added last; null if none is in memory.</summary>
    public RunStream? Last => _runs.Count == 0 ? null : _runs[^1];

    /// <summary>Returns the number in the log of a thread.</summary>
    public static long SeqOf(long startOrder, long number) => (startOrder << NumberBits) + number;

    /// <summary>Returns the start order of the run and the number in its log.</summary>
    public static (long StartOrder, long Number) PlaceOf(long seq) => (seq >> NumberBits, seq & ((1L << NumberBits) - 1));

    /// <summary>Adds the log of a run that starts. Returns the readers to notify.</summary>
    public IThreadFollower[] Add(RunStream run)
    {
        // The list is not searched: a thread that is busy has hundreds of logs.
        if (run.IsListed)
        {
            return [];
        }

        run.IsListed = true;
        LastStartedHere = run.IsCopy ? 0 : Math.Max(LastStartedHere, run.StartOrder);
        _runs.Insert(run.StartOrder == 0 ? _runs.Count : _runs.FindLastIndex(other => other.StartOrder < run.StartOrder) + 1, run);
        return [.. _followers];
    }

    /// <summary>Notes that runs may start on another server.</summary>
    public void Give() => LastStartedHere = 0;

    /// <summary>Removes a log, which its readers can read to its end.</summary>
    public void Remove(RunStream run)
    {
        if (run.IsListed)
        {
            run.IsListed = false;
            _runs.Remove(run);
        }
    }

    /// <summary>Returns the first log after another; null if none is in memory.</summary>
    public RunStream? FindNext(long startOrder)
    {
        // Readers ask this each time they wait, so it allocates nothing.
        foreach (var run in _runs)
        {
            if (run.StartOrder > startOrder && !run.IsAbandoned)
            {
                return run;
            }
        }

        return null;
    }

    /// <summary>Returns the log of a run; null if it is not in memory.</summary>
    public RunStream? Find(long startOrder) => _runs.Find(run => run.StartOrder == startOrder && !run.IsAbandoned);

    /// <summary>
    /// As <see cref="FindNext(long)"/>, but also returns the log of a run that ended without having started, which has no start
    /// order. It follows the logs that were in memory when it ended.
    /// </summary>
    public RunStream? FindNext(RunStream? last, long startOrder)
    {
        // A run can have two logs here, its own one and a copy, of which a reader gets one.
        var index = last is null ? -1 : _runs.IndexOf(last);
        return _runs.Skip(index + 1).FirstOrDefault(
            run => !run.IsAbandoned && (run.StartOrder > startOrder || run.StartOrder == 0));
    }

    /// <summary>Returns the logs from a place on, and those of runs that ended without having started.</summary>
    public IReadOnlyList<RunStream> List(long startOrder) =>
        [.. _runs.Where(run => !run.IsAbandoned && (run.StartOrder >= startOrder || run.StartOrder == 0))];

    public void Add(IThreadFollower follower)
    {
        _followers.Add(follower);
        IsFollowed |= follower.WantsAllEvents;
    }

    public void Remove(IThreadFollower follower)
    {
        _followers.Remove(follower);
        IsFollowed = _followers.Exists(other => other.WantsAllEvents);
    }

    /// <summary>Returns the readers.</summary>
    public IThreadFollower[] Followers() => [.. _followers];
}
