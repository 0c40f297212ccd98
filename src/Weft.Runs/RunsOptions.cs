namespace Weft.Runs;

/// <summary>The limits of a server. Nothing is unbounded.</summary>
public sealed class RunsOptions
{
    /// <summary>The number of runs that may execute at once; further runs wait. Default: 2,000.</summary>
    public int ConcurrentRunsMax { get; set; } = 2_000;

    /// <summary>
    /// The number of runs that may wait on the whole server, in addition to those that execute. A further run is refused with
    /// 429. Default: 10,000.
    /// </summary>
    public int QueuedRunsMax { get; set; } = 10_000;

    /// <summary>The number of runs that may wait on one thread; a further run is refused. Default: 1,000.</summary>
    public int QueuedRunsPerThreadMax { get; set; } = 1_000;

    /// <summary>
    /// The number of runs of one actor that may execute at once; its further runs wait, and those of other actors pass them. Anonymous
    /// callers are one actor. Null means no limit. Default: null.
    /// </summary>
    public int? ConcurrentRunsPerActorMax { get; set; }

    /// <summary>
    /// The number of runs of one actor that may execute and wait together. A further run is refused with 429, and that of a cron is
    /// skipped. Anonymous callers are one actor. Null means no limit. Default: null.
    /// </summary>
    public int? UnfinishedRunsPerActorMax { get; set; }

    /// <summary>
    /// The largest size in bytes of the <c>config</c>, the <c>context</c> and the <c>metadata</c> of a run, each as JSON. They are shown
    /// with the run, and its checkpoints and streamed messages repeat parts of them. Also of the metadata of a thread, and of that of a
    /// checkpoint that a client changes. Default: 256 kB.
    /// </summary>
    public int ConfigBytesMax { get; set; } = 256_000;

    /// <summary>
    /// The number of times in a row that a run may start without storing anything before its server dies. Then it fails. Default:
    /// 3.
    /// </summary>
    public int AttemptsMax { get; set; } = 3;

    /// <summary>The time that a run may execute before it ends as <c>timeout</c>. Default: one hour.</summary>
    public TimeSpan RunTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The time that the code of a run may continue after the run was asked to stop, because it was cancelled, deleted or timed
    /// out, or because another task failed. Then the run ends without that code, and what the code still does has no effect.
    /// Default: 5 seconds.
    /// </summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether clients see the message of exceptions that code of the graph throws. If false, they see the name of the exception
    /// and the id of the run, under which the details are logged. Default: true.
    /// </summary>
    public bool ShowExceptionText { get; set; } = true;

    /// <summary>
    /// The time that an edit of a state may take, because it calls conditional edges, which are code of the graph. Default: 30
    /// seconds.
    /// </summary>
    public TimeSpan EditTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// About the number of bytes that the stream of a run keeps in memory, including the states that its events show. The newest
    /// event is always kept. A reader that falls further behind continues from the database if the run is resumable; otherwise it
    /// gets a gap event. Default: 10 MB.
    /// </summary>
    public long StreamBytesMax { get; set; } = 10_000_000;

    /// <summary>
    /// About the number of bytes of a resumable run's events that may wait for the database. Beyond that, code that streams more
    /// waits for the database. Default: 4 MB.
    /// </summary>
    public long UnsavedBytesMax { get; set; } = 4_000_000;

    /// <summary>
    /// The time between two moments at which runs store events of resumable streams. Events of many runs then share a transaction.
    /// While runs stream, clients get these events later by up to this time. Zero stores them at once. Default: 5 milliseconds.
    /// </summary>
    public TimeSpan StoredEventsInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The time that the stream of an ended run can be replayed from memory. Default: 5 minutes.</summary>
    public TimeSpan EndedStreamRetention { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The number of streams of ended runs that are kept in memory. Default: 2,000.</summary>
    public int EndedStreamsMax { get; set; } = 2_000;

    /// <summary>The number of bytes that the streams of ended runs keep in memory. Default: 32 MB.</summary>
    public long EndedStreamsBytesMax { get; set; } = 32_000_000;

    /// <summary>
    /// The time that the stream of an ended resumable run can be replayed from the database. Default: 24 hours.
    /// </summary>
    public TimeSpan ResumableStreamRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The number of bytes that the streams of resumable runs may have in the database. Each sweep removes the streams of the
    /// runs that ended first until the others fit. Default: 1 GB.
    /// </summary>
    public long ResumableStreamsBytesMax { get; set; } = 1_000_000_000;

    /// <summary>
    /// The number of bytes that the stream of one resumable run may have in the database. Each sweep removes the first events of a
    /// larger one. A reader that needs them gets a gap event. Default: 100 MB.
    /// </summary>
    public long ResumableStreamBytesPerRunMax { get; set; } = 100_000_000;

    /// <summary>The number of threads whose newest state is cached in memory. Default: 1,000.</summary>
    public int CachedThreadsMax { get; set; } = 1_000;

    /// <summary>About the number of bytes that the cached states may have together. Default: 64 MB.</summary>
    public long CachedBytesMax { get; set; } = 64_000_000;

    /// <summary>
    /// Whether each actor has its own items. If false, all actors share them. Calls without an actor always share theirs.
    /// Default: true.
    /// </summary>
    public bool ItemsPerActor { get; set; } = true;

    /// <summary>The lifetime of an item that is put without a time to live. Null means no limit. Default: null.</summary>
    public TimeSpan? ItemTimeToLive { get; set; }

    /// <summary>Whether reading an item restarts its time to live, unless the reader says otherwise. Default: true.</summary>
    public bool RefreshItemsOnRead { get; set; } = true;

    /// <summary>
    /// Whether each thread is stored with what lists show of it: its title and the start of its first and last message. If false,
    /// threads have no preview. Default: true.
    /// </summary>
    public bool ThreadPreviews { get; set; } = true;

    /// <summary>
    /// The time that the timeline of an ended run is kept: its supersteps, tasks, and calls of models and tools. Zero means that none
    /// is collected. Default: 7 days.
    /// </summary>
    public TimeSpan TimelineRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// The number of runs that one search over all threads reads, and that one count reads of those that have not ended, that
    /// succeeded and that did not. A search that reads more continues on its next page. Default: 10,000.
    /// </summary>
    public int SearchedRunsMax { get; set; } = 10_000;

    /// <summary>
    /// The number of events of the feed of all threads that are kept in memory. A client that falls further behind gets a gap event.
    /// Default: 10,000.
    /// </summary>
    public int FeedEventsMax { get; set; } = 10_000;

    /// <summary>The time between two removals of expired data: streams, threads, items. Default: 10 minutes.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The number of searches that may read many rows at once, each on a thread of its own: searches for which no index exists.
    /// Each occupies a processor. Default: 1.
    /// </summary>
    public int ConcurrentScansMax { get; set; } = 1;

    /// <summary>
    /// The number of searches that may wait to read many rows, in addition to those that do. A further one is refused with 429.
    /// Default: 64.
    /// </summary>
    public int QueuedScansMax { get; set; } = 64;

    /// <summary>
    /// How long the delivery of a webhook is kept after it was delivered or given up. It can be read and repeated that long.
    /// Default: 3 days.
    /// </summary>
    public TimeSpan WebhookRetention { get; set; } = TimeSpan.FromDays(3);

    /// <summary>
    /// The number of bytes that the payloads of deliveries that have ended may have in the database. Each sweep removes those that
    /// ended first. Default: 500 MB.
    /// </summary>
    public long WebhooksBytesMax { get; set; } = 500_000_000;

    /// <summary>
    /// How late the run of a cron may be created, for example because the server was stopped when it was due. Of several runs that
    /// are late only the last one is created. Default: 24 hours.
    /// </summary>
    public TimeSpan CronGrace { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The number of feedbacks that a run may have; a further one is refused with 409. Default: 1,000.</summary>
    public int FeedbackPerRunMax { get; set; } = 1_000;

    /// <summary>The largest size in bytes of each text and each JSON value of a feedback. Default: 64 kB.</summary>
    public int FeedbackBytesMax { get; set; } = 64_000;

    /// <summary>
    /// The time after the end of a run until the URLs for feedback on it expire. The thread of a stateless run that has such URLs is
    /// kept as long, and then deleted. Default: 24 hours.
    /// </summary>
    public TimeSpan FeedbackUrlLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The time that a stopping server lets runs finish before it puts them back in the queue. Default: 5 seconds.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
