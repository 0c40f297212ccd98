using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The operations on threads: create, look up, search, patch, copy, prune, delete.</summary>
public sealed class ThreadsFacade
{
    private readonly IThreadStore _threads;
    private readonly IThreadHomes _homes;
    private readonly ThreadViews _views;
    private readonly ThreadValueSearch _search;
    private readonly ThreadEdits _edits;
    private readonly ThreadCopies _copies;
    private readonly ThreadPruning _pruning;
    private readonly ThreadHeadCache _heads;
    private readonly EventFeed _feed;
    private readonly RunsOptions _options;
    private readonly TimeProvider _time;

    internal ThreadsFacade(
        IThreadStore threads,
        IThreadHomes homes,
        ThreadViews views,
        ThreadValueSearch search,
        ThreadEdits edits,
        ThreadCopies copies,
        ThreadPruning pruning,
        ThreadHeadCache heads,
        EventFeed feed,
        RunsOptions options,
        TimeProvider time)
    {
        _threads = threads;
        _homes = homes;
        _views = views;
        _search = search;
        _edits = edits;
        _copies = copies;
        _pruning = pruning;
        _heads = heads;
        _feed = feed;
        _options = options;
        _time = time;
    }

    /// <summary>Creates a thread with the states that supersteps produce.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The id; null creates one.</param>
    /// <param name="metadata">A JSON object that names the graph as <c>graph_id</c>.</param>
    /// <param name="ttl">How long the thread is kept; null keeps it until it is deleted.</param>
    /// <param name="supersteps">A list of objects with <c>updates</c> (docs/protocol/state.md E5).</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The id is taken, no graph is known, or the graph refuses an update. No thread is created then.
    /// </exception>
    public async Task<ThreadView> CreateAsync(
        Actor actor,
        ThreadId? threadId,
        string metadata,
        ThreadTtl? ttl,
        JsonElement supersteps,
        CancellationToken cancellationToken)
    {
        SuperstepsJson.Check(supersteps);
        var created = (await CreateAsync(actor, threadId, metadata, ttl, returnExisting: false, cancellationToken)).Thread;
        try
        {
            await _edits.ApplyAsync(created, supersteps);
        }
        catch
        {
            await DeleteAsync(actor, created.ThreadId, CancellationToken.None);
            throw;
        }

        return await GetAsync(actor, created.ThreadId, cancellationToken);
    }

    /// <summary>Creates a thread.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The id; null creates one.</param>
    /// <param name="metadata">A JSON object.</param>
    /// <param name="ttl">How long the thread is kept; null keeps it until it is deleted.</param>
    /// <param name="returnExisting">Whether to return an existing thread with this id; if false, it is a conflict.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The id is taken, or the metadata is too large.</exception>
    public async Task<ThreadView> CreateAsync(
        Actor actor,
        ThreadId? threadId,
        string metadata,
        ThreadTtl? ttl,
        bool returnExisting,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        CheckSize(metadata, "");
        var now = _time.GetUtcNow();
        var thread = new ThreadRecord
        {
            ThreadId = threadId ?? ThreadId.New(_time),
            Owner = actor.Id,
            Metadata = actor.Stamped(metadata),
            Ttl = ttl,
            ExpiresAt = now + ttl?.Duration,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (await _threads.TryCreateAsync(thread, cancellationToken))
        {
            Publish(FeedEventKind.ThreadCreated, thread.Owner, thread.ThreadId);
            return new ThreadView(thread, null);
        }

        return returnExisting && await FindAsync(actor, thread.ThreadId, cancellationToken) is { } existing
            ? existing
            : throw new WeftException(ProblemKind.Conflict, $"Thread {thread.ThreadId} already exists", "thread_id");
    }

    /// <summary>Returns the thread; null if the actor has no such thread.</summary>
    public async Task<ThreadView?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await _threads.FindAsync(actor, threadId, cancellationToken) is { } thread
            ? await _views.ReadAsync(thread, cancellationToken)
            : null;

    /// <summary>Checks that the actor has the thread, without reading its state.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task EnsureExistsAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        _ = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);

    /// <summary>Returns the thread.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> GetAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);

    /// <summary>
    /// Merges the members of <paramref name="metadata"/>, a JSON object, into the thread's. If <paramref name="ttl"/> is not
    /// null, also sets how long the thread is kept.
    /// </summary>
    /// <exception cref="WeftException">The actor has no such thread, or the metadata becomes too large.</exception>
    public async Task<ThreadView> PatchAsync(
        Actor actor, ThreadId threadId, string metadata, ThreadTtl? ttl, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        WriteResult result;
        do
        {
            var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
            var change = MetadataChange.Merge(thread.Metadata, metadata, actor);
            if (change is not null)
            {
                CheckSize(change.To, change.From);
            }

            result = await _threads.PatchAsync(actor, threadId, change, ttl, _time.GetUtcNow(), cancellationToken);
        }
        while (result == WriteResult.Changed);

        if (result == WriteResult.Applied)
        {
            Publish(FeedEventKind.ThreadChanged, actor.Id, threadId);
        }

        return await GetAsync(actor, threadId, cancellationToken);
    }

    /// <summary>
    /// Sets <c>title</c> of a thread's metadata, unless the thread has a title or does not exist any more.
    /// </summary>
    internal async Task SetTitleAsync(string owner, ThreadId threadId, string title, CancellationToken cancellationToken)
    {
        var actor = new Actor(owner);
        var members = Encoding.UTF8.GetString(GraphJson.Encode(title, static (writer, title) =>
        {
            writer.WriteStartObject();
            writer.WriteString("title"u8, title);
            writer.WriteEndObject();
        }));
        WriteResult result;
        do
        {
            if (await _threads.FindAsync(actor, threadId, cancellationToken) is not { } thread || ThreadPreview.TitleOf(thread.Metadata) is not null)
            {
                return;
            }

            var change = MetadataChange.Merge(thread.Metadata, members);
            result = await _threads.PatchAsync(actor, threadId, change, null, _time.GetUtcNow(), cancellationToken);
        }
        while (result == WriteResult.Changed);

        if (result == WriteResult.Applied)
        {
            Publish(FeedEventKind.ThreadChanged, owner, threadId);
        }
    }

    /// <summary>Copies a thread with its stored states (docs/protocol/threads.md E8). Its runs are not copied.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> CopyAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var copyId = await _copies.CopyAsync(actor, threadId, cancellationToken);
        Publish(FeedEventKind.ThreadCreated, actor.Id, copyId);
        return await GetAsync(actor, copyId, CancellationToken.None);
    }

    /// <summary>Removes the thread and all of its data. Its runs are cancelled first.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task DeleteAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        await EnsureExistsAsync(actor, threadId, cancellationToken);
        do
        {
            await _homes.Of(threadId).EndAllAsync(threadId, cancellationToken);
        }
        while (await _threads.DeleteAsync(actor, threadId, version: null, CancellationToken.None) == WriteResult.Busy);

        _heads.Remove(threadId);
        _homes.Of(threadId).Deleted(threadId);
        Publish(FeedEventKind.ThreadDeleted, actor.Id, threadId);
    }

    /// <summary>
    /// Removes threads, or all of their checkpoints except the newest. Returns the number of threads that were pruned. Skips
    /// threads that the actor does not have. With <see cref="PruneStrategy.KeepLatest"/>, also skips threads with a run that has
    /// not ended.
    /// </summary>
    public async Task<int> PruneAsync(
        Actor actor, IEnumerable<ThreadId> threadIds, PruneStrategy strategy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(threadIds);
        var pruned = 0;
        foreach (var threadId in threadIds.Distinct())
        {
            if (await _threads.FindAsync(actor, threadId, cancellationToken) is not { } thread)
            {
                continue;
            }

            if (strategy == PruneStrategy.Delete)
            {
                await DeleteAsync(actor, threadId, cancellationToken);
                pruned++;
            }
            else if (await _pruning.TryKeepLatestAsync(thread, cancellationToken))
            {
                Publish(FeedEventKind.ThreadChanged, actor.Id, threadId);
                pruned++;
            }
        }

        return pruned;
    }

    /// <summary>Returns the number of threads that a search finds.</summary>
    public async Task<int> CountAsync(Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return (await OpenSearchAsync(actor, query with { Limit = 0, Offset = 0 }, values, cancellationToken)).Total;
    }

    /// <summary>Returns a page of the actor's threads.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="query">The search.</param>
    /// <param name="values">
    /// A JSON object that the thread's values must contain. If not null, the state of every thread that matches the query is
    /// read.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Page<ThreadRecord>> SearchAsync(
        Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
    {
        var page = await OpenSearchAsync(actor, query, values, cancellationToken);
        return new Page<ThreadRecord>(await page.ReadAllAsync(cancellationToken), page.Total);
    }

    /// <summary>As <see cref="SearchAsync"/>. The threads are read as the caller gets to them.</summary>
    public Task<LazyPage<ThreadRecord>> OpenSearchAsync(
        Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return values is { } wanted
            ? _search.OpenAsync(actor, query, wanted, cancellationToken)
            : _threads.OpenSearchAsync(actor, query, cancellationToken);
    }

    /// <summary>Reads the values of threads, each when it is asked for, so that only a few states are in memory.</summary>
    public IAsyncEnumerable<ThreadView> ReadViewsAsync(IAsyncEnumerable<ThreadRecord> threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(threads);
        return _views.ReadAllAsync(threads, cancellationToken);
    }

    /// <summary>Checks the size of metadata. Metadata that was larger already may stay as large.</summary>
    private void CheckSize(string metadata, string before)
    {
        var bytesMax = Math.Max(_options.ConfigBytesMax, Encoding.UTF8.GetByteCount(before));
        if (Encoding.UTF8.GetByteCount(metadata) > bytesMax)
        {
            throw new WeftException(
                ProblemKind.Invalid, $"The thread would have more than {bytesMax} bytes of metadata as JSON.", "metadata");
        }
    }

    private void Publish(FeedEventKind kind, string owner, ThreadId threadId) =>
        _feed.Publish(new FeedEvent(kind, owner, _time.GetUtcNow()) { ThreadId = threadId });
}
