using System.Runtime.CompilerServices;
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
            places.FindParentAsync,
            places.FindBytesAsync);
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
        var items = await origins.FindItemsAsync(list, first, Math.Max(first, to), cancellationToken);
        return new ThreadMessagePage(
            ReadAsync(origins, places, items, first, CancellationToken.None), items.Length == 0 ? 0 : first, list.Count);
    }

    private static async IAsyncEnumerable<ThreadMessage> ReadAsync(
        ItemOrigins origins, Places places, ItemOrigin[] items, int first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (await origins.ReadItemAsync(items[i], cancellationToken) is { } json)
            {
                var place = items[i].Ordinal > 0 ? await places.FindAsync(items[i].Ordinal, cancellationToken) : null;
                yield return new ThreadMessage(first + i, json, place is { IsHidden: false } ? place : null, items[i].Node);
            }
        }
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

        /// <summary>Returns how many bytes a body has; null if there is none up to the checkpoint of the page.</summary>
        public async ValueTask<int?> FindBytesAsync(long ordinal, CancellationToken cancellationToken) =>
            ordinal <= head.Ordinal ? (await FindAsync(ordinal, cancellationToken))?.BodyBytes : null;
    }
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">
/// The messages in their order, which are read as the caller gets to them. One whose checkpoints are removed meanwhile is left out.
/// </param>
/// <param name="First">The index of the first one; 0 if there is none.</param>
/// <param name="Total">The number of messages of the state.</param>
internal sealed record ThreadMessagePage(IAsyncEnumerable<ThreadMessage> Messages, int First, int Total)
{
    public static ThreadMessagePage Empty { get; } = new(AsyncEnumerable.Empty<ThreadMessage>(), 0, 0);
}

/// <summary>A message of a state.</summary>
/// <param name="Index">Its place among the messages of the state, from 0.</param>
/// <param name="Json">The message, JSON in UTF-8.</param>
/// <param name="Place">The first checkpoint that has it; null if it was removed.</param>
/// <param name="Node">The node that wrote it; null if that is not known.</param>
internal sealed record ThreadMessage(int Index, ReadOnlyMemory<byte> Json, CheckpointPlace? Place, string? Node);
