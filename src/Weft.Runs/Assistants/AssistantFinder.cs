using System.Collections.Concurrent;

namespace Weft.Runs;

/// <summary>
/// Finds the assistants that an actor may run: its own ones, and those that each graph has. An actor that has changed a graph's
/// assistant has one of its own with the same id, which hides the graph's from the calls that see it. A call whose scope hides
/// the changed one still has the graph's.
/// </summary>
internal sealed class AssistantFinder(IAssistantStore store, AssistantDirectory directory, ServerIdentity server)
{
    private const int KnownMax = 10_000;

    // Each run asks for an assistant. Null stands for a graph's that the actor has not changed. An id that nothing has is not
    // remembered, and an assistant that the call does not see is read again, so that the time does not tell one from the other.
    private readonly ConcurrentDictionary<(string Owner, AssistantId Id), AssistantRecord?> _known = new();
    private long _changes;

    /// <summary>Returns the assistant with this id, or the assistant of the graph with this id; null if neither exists.</summary>
    public ValueTask<AssistantRecord?> FindAsync(Actor actor, string assistantOrGraphId, CancellationToken cancellationToken) =>
        directory.Find(assistantOrGraphId)?.AssistantId is { } ofGraph ? FindAsync(actor, ofGraph, cancellationToken)
        : AssistantId.TryParse(assistantOrGraphId, null, out var id) ? FindAsync(actor, id, cancellationToken)
        : new((AssistantRecord?)null);

    /// <summary>Returns an assistant.</summary>
    /// <exception cref="WeftException">The actor has no such assistant.</exception>
    public async ValueTask<AssistantRecord> GetAsync(Actor actor, AssistantId id, CancellationToken cancellationToken) =>
        (await GetForRunAsync(actor, id, null, remembers: false, cancellationToken)).Assistant;

    /// <summary>
    /// Returns the assistant of a new run. In a cluster another server may have changed it since this one has read it. So what is
    /// remembered of it goes into the creation of the run, unless the caller wants it to be read.
    /// </summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="id">The assistant.</param>
    /// <param name="graphId">The id of the graph by which the request names the assistant, see <see cref="RunSpec.GraphId"/>.</param>
    /// <param name="remembers">Whether the assistant may be one that was read before.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such assistant.</exception>
    public async ValueTask<(AssistantRecord Assistant, RememberedAssistant? Remembered)> GetForRunAsync(
        Actor actor, AssistantId id, string? graphId, bool remembers, CancellationToken cancellationToken)
    {
        AssistantRecord? known = null;
        var isRemembered = (remembers || !IsShared) && TryRemember(actor, id, out known);
        var own = isRemembered ? known : await FindStoredAsync(actor, id, cancellationToken);
        return (
            Seen(actor, id, own) ?? throw WeftException.AssistantNotFound(graphId ?? id.ToString()),
            isRemembered && IsShared ? new RememberedAssistant(own?.UpdatedAt) : null);
    }

    /// <summary>
    /// Returns an assistant as this server remembers it, or else as it is stored; null if the actor has no such assistant.
    /// </summary>
    public async ValueTask<AssistantRecord?> FindRememberedAsync(Actor actor, AssistantId id, CancellationToken cancellationToken) =>
        Seen(actor, id, TryRemember(actor, id, out var known) ? known : await FindStoredAsync(actor, id, cancellationToken));

    /// <summary>Returns the assistant with this id; null if the actor has no such assistant.</summary>
    public async ValueTask<AssistantRecord?> FindAsync(Actor actor, AssistantId id, CancellationToken cancellationToken) =>
        Seen(actor, id, await FindStoredAsync(actor, id, cancellationToken));

    /// <summary>
    /// Returns the actor's own assistant with this id; null if it has none that the call sees, so also for the assistant of a graph
    /// that it has not changed.
    /// </summary>
    public async ValueTask<AssistantRecord?> FindOwnAsync(Actor actor, AssistantId id, CancellationToken cancellationToken) =>
        await FindStoredAsync(actor, id, cancellationToken) is { } own && actor.Sees(own, isOfGraph: false) ? own : null;

    /// <summary>Forgets an assistant. Call it after each change.</summary>
    public void Forget(Actor actor, AssistantId id)
    {
        Interlocked.Increment(ref _changes);
        _known.TryRemove((actor.Id, id), out _);
    }

    // Other servers of a cluster change assistants too.
    private bool IsShared => server.Key is not null;

    /// <summary>Returns what is remembered of an assistant, unless the call would not see it.</summary>
    private bool TryRemember(Actor actor, AssistantId id, out AssistantRecord? known) =>
        _known.TryGetValue((actor.Id, id), out known)
        && (known is null || actor.Sees(known, isOfGraph: false) || directory.Find(id) is not null);

    private AssistantRecord? Seen(Actor actor, AssistantId id, AssistantRecord? own) =>
        own is not null && actor.Sees(own, isOfGraph: false) ? own
        : directory.Find(id) is { } ofGraph && actor.Sees(ofGraph, isOfGraph: true) ? ofGraph
        : null;

    private async ValueTask<AssistantRecord?> FindStoredAsync(Actor actor, AssistantId id, CancellationToken cancellationToken)
    {
        if (!IsShared && TryRemember(actor, id, out var known))
        {
            return known;
        }

        var key = (actor.Id, id);
        var changes = Volatile.Read(ref _changes);
        var found = await store.FindAsync(actor, id, cancellationToken);
        if (found is null && directory.Find(id) is null)
        {
            return null;
        }

        if (_known.Count >= KnownMax)
        {
            _known.Clear();
        }

        _known[key] = found;
        if (Volatile.Read(ref _changes) != changes)
        {
            // What was read may be older than a change that has been forgotten since.
            _known.TryRemove(key, out _);
        }

        return found;
    }
}
