using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The operations on assistants: create, look up, search, change, choose a version, delete.</summary>
/// <remarks>
/// Each graph has an assistant, which everybody has and nobody can delete. An actor that changes it gets one of its own with the same
/// id. That one keeps the metadata <c>"created_by":"system"</c>, so that the change does not take it from those who see the
/// graph's by this member.
/// </remarks>
public sealed class AssistantsFacade
{
    private const int ThreadsPerPage = 100;

    private readonly IAssistantStore _store;
    private readonly AssistantFinder _finder;
    private readonly AssistantDirectory _directory;
    private readonly ThreadsFacade _threads;
    private readonly TimeProvider _time;

    internal AssistantsFacade(
        IAssistantStore store, AssistantFinder finder, AssistantDirectory directory, ThreadsFacade threads, TimeProvider time)
    {
        _store = store;
        _finder = finder;
        _directory = directory;
        _threads = threads;
        _time = time;
    }

    /// <summary>Returns the assistant with this id, or the assistant of the graph with this id; null if neither exists.</summary>
    public ValueTask<AssistantRecord?> FindAsync(Actor actor, string assistantOrGraphId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(assistantOrGraphId);
        return _finder.FindAsync(actor, assistantOrGraphId, cancellationToken);
    }

    /// <summary>Returns the assistant.</summary>
    /// <exception cref="WeftException">The actor has no such assistant.</exception>
    public async ValueTask<AssistantRecord> GetAsync(Actor actor, string assistantOrGraphId, CancellationToken cancellationToken) =>
        await FindAsync(actor, assistantOrGraphId, cancellationToken) ?? throw NotFound(assistantOrGraphId);

    /// <summary>Returns the graph of an assistant, made with its configuration.</summary>
    /// <exception cref="WeftException">The server does not have the graph, or its factory refuses the configuration.</exception>
    public CompiledGraph GraphOf(Actor actor, AssistantRecord assistant)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(assistant);
        return _directory.GraphOf(assistant, _directory.ConfigOf(assistant, headers: null), headers: null, actor.Id);
    }

    /// <summary>Creates an assistant.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="assistant">The assistant. Owner, version and times are set here.</param>
    /// <param name="returnExisting">Whether to return an existing assistant with this id; if false, it is a conflict.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The graph does not exist, its <see cref="CompiledGraph.ConfigurableChoices"/> do not have a value of the configuration, or the id is
    /// taken.
    /// </exception>
    public async Task<AssistantRecord> CreateAsync(
        Actor actor, AssistantRecord assistant, bool returnExisting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(assistant);
        var now = _time.GetUtcNow();
        var created = assistant with
        {
            Owner = actor.Id,
            Version = 1,
            Config = ReservedNames.Remove(assistant.Config),
            Metadata = actor.Stamped(assistant.Metadata),
            CreatedAt = now,
            UpdatedAt = now,
        };
        CheckGraph(created);
        if (_directory.Find(created.AssistantId) is null && await _store.TryCreateAsync(created, cancellationToken))
        {
            _finder.Forget(actor, created.AssistantId);
            return created;
        }

        return returnExisting && await _finder.FindAsync(actor, created.AssistantId, cancellationToken) is { } existing
            ? existing
            : throw new WeftException(ProblemKind.Conflict, $"Assistant {created.AssistantId} already exists", "assistant_id");
    }

    /// <summary>Adds a version to an assistant and makes it the current one.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="assistantOrGraphId">The assistant.</param>
    /// <param name="change">Returns the new version of the current one. It may be called several times.</param>
    /// <param name="metadata">A JSON object whose members are merged into the metadata.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The actor has no such assistant, the graph does not exist or does not accept a new configuration, or it is the assistant of a
    /// graph that the actor has changed in a call with another scope.
    /// </exception>
    public async Task<AssistantRecord> PatchAsync(
        Actor actor,
        string assistantOrGraphId,
        Func<AssistantRecord, AssistantRecord> change,
        JsonElement? metadata,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(change);
        while (true)
        {
            var current = await GetAsync(actor, assistantOrGraphId, cancellationToken);
            var next = change(current);
            next = next with
            {
                Owner = actor.Id,
                Config = ReservedNames.Remove(next.Config),
                Metadata = Changed(actor, current, metadata),
                UpdatedAt = _time.GetUtcNow(),
            };
            CheckGraph(next, current);
            if (await _finder.FindOwnAsync(actor, current.AssistantId, cancellationToken) is null)
            {
                // The first version of the actor's own one is the graph's.
                var first = current with { Owner = actor.Id, Metadata = Changed(actor, current, null) };
                var isFirst = await _store.TryCreateAsync(first, cancellationToken);
                _finder.Forget(actor, current.AssistantId);
                if (!isFirst && await _finder.FindOwnAsync(actor, current.AssistantId, cancellationToken) is null)
                {
                    throw new WeftException(
                        ProblemKind.Conflict, $"Assistant {assistantOrGraphId} was changed by a caller with other permissions.");
                }
            }

            var version = await _store.TryAddVersionAsync(next, current.Version, cancellationToken);
            _finder.Forget(actor, current.AssistantId);
            if (version is { } number)
            {
                return next with { Version = number };
            }
        }
    }

    /// <summary>Makes a version of an assistant the current one. Returns it.</summary>
    /// <exception cref="WeftException">The actor has no such assistant, or it has no such version.</exception>
    public async Task<AssistantRecord> SetLatestAsync(
        Actor actor, string assistantOrGraphId, int version, CancellationToken cancellationToken)
    {
        var assistant = await GetAsync(actor, assistantOrGraphId, cancellationToken);
        if (await _finder.FindOwnAsync(actor, assistant.AssistantId, cancellationToken) is null)
        {
            return version == assistant.Version ? assistant : throw NoVersion(assistantOrGraphId, version);
        }

        var latest = await _store.SetLatestAsync(actor, assistant.AssistantId, version, _time.GetUtcNow(), cancellationToken);
        _finder.Forget(actor, assistant.AssistantId);
        return latest ?? throw NoVersion(assistantOrGraphId, version);
    }

    /// <summary>
    /// Returns versions of an assistant whose metadata contains the given object, the newest first. They are read as the caller gets to
    /// them.
    /// </summary>
    /// <exception cref="WeftException">The actor has no such assistant.</exception>
    public async Task<LazyPage<AssistantRecord>> OpenVersionsAsync(
        Actor actor, string assistantOrGraphId, JsonElement? metadata, int limit, int offset, CancellationToken cancellationToken)
    {
        var assistant = await GetAsync(actor, assistantOrGraphId, cancellationToken);
        var isOwn = await _finder.FindOwnAsync(actor, assistant.AssistantId, cancellationToken) is not null;
        return isOwn
            ? await _store.OpenVersionsAsync(actor, assistant.AssistantId, metadata, limit, offset, cancellationToken)
            : new LazyPage<AssistantRecord>(
                offset == 0 && (metadata is not { } wanted || JsonContainment.Contains(assistant.Metadata, wanted)) ? [assistant] : []);
    }

    /// <summary>
    /// Removes an assistant with its versions. Its runs that have not ended go on. If it hides the assistant of a graph, that one
    /// is seen again.
    /// </summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="assistantOrGraphId">The assistant.</param>
    /// <param name="deleteThreads">Whether to remove the actor's threads whose last run was this assistant's, too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such assistant, or it is the assistant of a graph.</exception>
    public async Task DeleteAsync(Actor actor, string assistantOrGraphId, bool deleteThreads, CancellationToken cancellationToken)
    {
        var assistant = await GetAsync(actor, assistantOrGraphId, cancellationToken);
        if (await _finder.FindOwnAsync(actor, assistant.AssistantId, cancellationToken) is null)
        {
            throw new WeftException(
                ProblemKind.Conflict, $"Assistant {assistantOrGraphId} belongs to the graph {assistant.GraphId} and can't be deleted.");
        }

        // The threads first, so that a call that was interrupted can be repeated.
        if (deleteThreads)
        {
            await DeleteThreadsAsync(actor, assistant.AssistantId, cancellationToken);
        }

        await _store.DeleteAsync(actor, assistant.AssistantId, cancellationToken);
        _finder.Forget(actor, assistant.AssistantId);
    }

    /// <summary>Returns a page of the assistants that the actor has, those of the graphs included.</summary>
    public async Task<Page<AssistantRecord>> SearchAsync(Actor actor, AssistantQuery query, CancellationToken cancellationToken)
    {
        var page = await OpenSearchAsync(actor, query, cancellationToken);
        return new Page<AssistantRecord>(await page.ReadAllAsync(cancellationToken), page.Total);
    }

    /// <summary>
    /// Returns a page of the assistants that the actor has, those of the graphs included, which are read as the caller gets to them.
    /// </summary>
    public async Task<LazyPage<AssistantRecord>> OpenSearchAsync(
        Actor actor, AssistantQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(query);
        var ofGraphs = new List<AssistantRecord>();
        foreach (var assistant in _directory.All.Where(query.Matches))
        {
            if (actor.Sees(assistant, isOfGraph: true)
                && await _finder.FindOwnAsync(actor, assistant.AssistantId, cancellationToken) is null)
            {
                ofGraphs.Add(assistant);
            }
        }

        return await AssistantMerge.OpenAsync(
            ofGraphs, query, others => _store.OpenSearchAsync(actor, others, cancellationToken));
    }

    private static WeftException NotFound(string id) => new(ProblemKind.NotFound, $"Assistant {id} not found");

    /// <summary>Returns the metadata of a new version.</summary>
    private JsonElement Changed(Actor actor, AssistantRecord current, JsonElement? metadata)
    {
        var changed = actor.Stamped(ConfigMerge.Shallow(current.Metadata, metadata) ?? current.Metadata);
        return _directory.Find(current.AssistantId) is null
            ? changed
            : ConfigMerge.Shallow(changed, AssistantDirectory.SystemMetadata)!.Value;
    }

    private void CheckGraph(AssistantRecord assistant, AssistantRecord? before = null)
    {
        var graph = _directory.FindGraph(assistant.GraphId)
            ?? throw new WeftException(ProblemKind.NotFound, $"Graph {assistant.GraphId} not found", "graph_id");
        // A value may be refused by now that was accepted before. This is no reason to refuse a change of something else.
        if (before is null || before.GraphId != assistant.GraphId || !JsonElement.DeepEquals(before.Config, assistant.Config))
        {
            ConfigurableChoices.Check(graph.Graph, assistant.Config);
        }
    }

    private async Task DeleteThreadsAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken)
    {
        var query = new ThreadQuery { Metadata = $$"""{"assistant_id":"{{assistantId}}"}""", Limit = ThreadsPerPage };
        while (await _threads.OpenSearchAsync(actor, query, null, cancellationToken) is { Count: > 0 } page)
        {
            await foreach (var thread in page.WithCancellation(cancellationToken))
            {
                try
                {
                    await _threads.DeleteAsync(actor, thread.ThreadId, cancellationToken);
                }
                catch (WeftException e) when (e.Kind == ProblemKind.NotFound)
                {
                    // Somebody else has removed it.
                }
            }
        }
    }

    private static WeftException NoVersion(string assistantOrGraphId, int version) =>
        new(ProblemKind.NotFound, $"Assistant {assistantOrGraphId} has no version {version}", "version");
}
