namespace Weft.Runs;

/// <summary>The limits of a server. Nothing is unbounded.</summary>
public sealed class RunsOptions
{
    /// <summary>How many runs may execute at once; further ones wait their turn. Default: 2,000.</summary>
    public int ConcurrentRunsMax { get; set; } = 2_000;

    /// <summary>How many runs may wait on the whole server, beyond those that may execute; a further one is refused with 429. Default: 10,000.</summary>
    public int QueuedRunsMax { get; set; } = 10_000;

    /// <summary>How many runs may wait on one thread; a further one is refused. Default: 1,000.</summary>
    public int QueuedRunsPerThreadMax { get; set; } = 1_000;

    /// <summary>
    /// How many bytes <c>config</c> and <c>metadata</c> of a run may have as JSON, each: both are shown with the run, and its
    /// checkpoints and streamed messages repeat parts of them. Default: 256 kB.
    /// </summary>
    public int ConfigBytesMax { get; set; } = 256_000;

    /// <summary>How often in a row a run is begun before it is given up, when servers die under it and it stores nothing in between. Default: 3.</summary>
    public int AttemptsMax { get; set; } = 3;

    /// <summary>How long a run may execute before it ends as <c>timeout</c>. Default: one hour.</summary>
    public TimeSpan RunTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long the code of a run may go on after the run was asked to stop: cancelled, deleted, timed out, or failed in
    /// another task. Then the run ends without it, and what the code still does has no effect. Default: 5 seconds.
    /// </summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether clients see the text of exceptions that code of the graph throws. If false, they see the name of the exception and
    /// the id of the run, under which the log has the details. Default: true.
    /// </summary>
    public bool ShowExceptionText { get; set; } = true;

    /// <summary>How long an edit of a state may take, whose conditional edges are code of the graph. Default: 30 seconds.</summary>
    public TimeSpan EditTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// About how many bytes of events a run's stream keeps in memory, with the states that they show; the newest event is kept
    /// whatever its size. A reader that falls further behind reads on from the database when the run is resumable, else it is
    /// told of a gap. Default: 10 MB.
    /// </summary>
    public long StreamBytesMax { get; set; } = 10_000_000;

    /// <summary>
    /// About how many bytes of a resumable run's events wait for the database before whoever streams more waits for it.
    /// Default: 4 MB.
    /// </summary>
    public long UnsavedBytesMax { get; set; } = 4_000_000;

    /// <summary>How long the stream of an ended run can be replayed from memory. Default: 5 minutes.</summary>
    public TimeSpan EndedStreamRetention { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many streams of ended runs are kept in memory at the most. Default: 2,000.</summary>
    public int EndedStreamsMax { get; set; } = 2_000;

    /// <summary>How many bytes the streams of ended runs keep in memory at the most. Default: 32 MB.</summary>
    public long EndedStreamsBytesMax { get; set; } = 32_000_000;

    /// <summary>How long the stream of an ended resumable run can be replayed from the database. Default: 24 hours.</summary>
    public TimeSpan ResumableStreamRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How many bytes the streams of resumable runs have in the database; each sweep removes those of the runs that ended first
    /// until they fit. Default: 1 GB.
    /// </summary>
    public long ResumableStreamsBytesMax { get; set; } = 1_000_000_000;

    /// <summary>
    /// How many bytes the stream of one resumable run has in the database; each sweep removes the first events of a larger one.
    /// A reader that wants them receives a gap. Default: 100 MB.
    /// </summary>
    public long ResumableStreamBytesPerRunMax { get; set; } = 100_000_000;

    /// <summary>How many threads keep their newest state in memory. Default: 1,000.</summary>
    public int CachedThreadsMax { get; set; } = 1_000;

    /// <summary>About how many bytes those states have together. Default: 64 MB.</summary>
    public long CachedBytesMax { get; set; } = 64_000_000;

    /// <summary>Whether each actor has items of its own; else all share them. Calls without an actor share theirs in any case. Default: true.</summary>
    public bool ItemsPerActor { get; set; } = true;

    /// <summary>How long an item lives that is put without a time to live; null: for ever. Default: for ever.</summary>
    public TimeSpan? ItemTimeToLive { get; set; }

    /// <summary>Whether reading an item begins its time to live anew, where the reader does not say. Default: true.</summary>
    public bool RefreshItemsOnRead { get; set; } = true;

    /// <summary>How often what was kept long enough is removed: streams, threads, items. Default: 10 minutes.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a stopping server lets runs finish before it puts them back in the queue. Default: 5 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
