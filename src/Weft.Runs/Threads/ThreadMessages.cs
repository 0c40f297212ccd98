using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads pages of the messages of threads, each message with the checkpoint, the run and the node that brought it.</summary>
internal sealed class ThreadMessages(IThreadStore threads, ICheckpointStore checkpoints, AssistantDirectory assistants)
{
    /// <summary>Returns the last messages of a state before an index.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="address">The checkpoint.</param>
    /// <param name="channel">The channel of the messages.</param>
    /// <param name="before">The index after the last message of the page; null means the end.</param>
    /// <param name="limit">The greatest number of messages.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such thread, the thread no such checkpoint, or the channel no list.</exception>
    public async Task<ThreadMessagePage> ReadAsync(
        Actor actor,
        ThreadId threadId,
        CheckpointAddress address,
        string channel,
        int? before,
        int limit,
        CancellationToken cancellationToken)
    {
        var thread = await threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        address = address with { Namespace = StoredNamespace(thread, address.Namespace) };
        CheckpointId? id = address.CheckpointId is not { } given ? null
            : CheckpointId.TryParse(given, null, out var parsed) ? parsed
            : throw ThreadEdits.NotFound(threadId, given);
        if (await checkpoints.FindAsync(threadId, address.Namespace, id, cancellationToken) is not { } head)
        {
            return address.CheckpointId is null ? ThreadMessagePage.Empty : throw ThreadEdits.NotFound(threadId, address.CheckpointId);
        }

        var places = new Places(checkpoints, head);
        var origins = new ItemOrigins(
            channel,
            head.CheckpointId.ToString(),
            async (_, from, to, token) =>
                await checkpoints.ReadRangeAsync(threadId, head.Namespace, head.CheckpointId, from, to, token),
            places.FindParentAsync);
        origins.Add(new StoredBody(head.Ordinal, head.Body));
        if (await origins.FindAsync(head.Ordinal, cancellationToken) is not { } list)
        {
            return ThreadMessagePage.Empty;
        }

        if (!list.IsList)
        {
            throw new WeftException(ProblemKind.Invalid, $"The channel '{channel}' has no list.", "query.channel");
        }

        var to = Math.Min(before ?? list.Count, list.Count);
        var first = Math.Max(0, to - limit);
        var items = await origins.ReadAsync(list, first, Math.Max(first, to), cancellationToken);
        var messages = new List<ThreadMessage>(items.Length);
        foreach (var item in items)
        {
            var place = item.Ordinal > 0 ? await places.FindAsync(item.Ordinal, cancellationToken) : null;
            messages.Add(new ThreadMessage(first + messages.Count, item.Json, place is { IsHidden: false } ? place : null, item.Node));
        }

        return new ThreadMessagePage(messages, list.Count);
    }

    /// <summary>
    /// Returns the namespace under which checkpoints are stored. It is the given one if the graph of the thread can't be made, because
    /// a page can be read without its graph.
    /// </summary>
    private string StoredNamespace(ThreadRecord thread, string given)
    {
        if (!given.Contains(CheckpointNamespace.TaskSeparator))
        {
            return given;
        }

        try
        {
            return assistants.GraphOf(thread)?.StoredNamespace(given) ?? given;
        }
        catch (WeftException)
        {
            return given;
        }
    }

    /// <summary>The checkpoints of a namespace by their ordinals, read when they are asked for.</summary>
    private sealed class Places(ICheckpointStore checkpoints, CheckpointRecord head)
    {
        private const int Range = 256;

        private readonly Dictionary<long, CheckpointPlace> _places = [];

        public async ValueTask<CheckpointPlace?> FindAsync(long ordinal, CancellationToken cancellationToken)
        {
            if (!_places.TryGetValue(ordinal, out var place))
            {
                var read = await checkpoints.ListPlacesAsync(
                    head.ThreadId, head.Namespace, head.CheckpointId, Math.Max(1, ordinal - Range + 1), ordinal, cancellationToken);
                foreach (var other in read)
                {
                    _places[other.Ordinal] = other;
                }

                if (!_places.TryGetValue(ordinal, out place))
                {
                    return null;
                }
            }

            return place;
        }

        /// <summary>Returns the ordinal of a checkpoint's parent: 0 if it is the first, null if its parent was removed.</summary>
        public async ValueTask<long?> FindParentAsync(long ordinal, CancellationToken cancellationToken) =>
            await FindAsync(ordinal, cancellationToken) is { } place ? place.ParentId is null ? 0 : place.ParentOrdinal : null;
    }
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">The messages in their order.</param>
/// <param name="Total">The number of messages of the state.</param>
internal sealed record ThreadMessagePage(IReadOnlyList<ThreadMessage> Messages, int Total)
{
    public static ThreadMessagePage Empty { get; } = new([], 0);
}

/// <summary>A message of a state.</summary>
/// <param name="Index">Its place among the messages of the state, from 0.</param>
/// <param name="Json">The message, JSON in UTF-8.</param>
/// <param name="Place">The first checkpoint that has it; null if it was removed.</param>
/// <param name="Node">The node that wrote it; null if that is not known.</param>
internal sealed record ThreadMessage(int Index, ReadOnlyMemory<byte> Json, CheckpointPlace? Place, string? Node);
