using System.Threading.Channels;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Items that were put and wait to be embedded. Only their names are kept in memory, and only a number of them.</summary>
/// <remarks>An item that does not fit, or that waits when the server ends, is found in the database: it has no entry there.</remarks>
internal sealed class ItemIndexQueue(ItemIndexOptions options)
{
    // Puts write, the indexer reads. If the queue is full, the indexer looks for items in the database.
    private readonly Channel<QueuedItem> _items =
        System.Threading.Channels.Channel.CreateBounded<QueuedItem>(
            new BoundedChannelOptions(options.QueuedPutsMax) { SingleReader = true });

    private int _hasDropped;

    /// <summary>Whether the generator fails at present. Then puts do not wait.</summary>
    public bool IsFailing { get; set; }

    /// <summary>Adds an item. The task completes when the item was embedded, or will be later.</summary>
    public Task Add(Actor actor, ItemNamespace ns, string key)
    {
        var item = new QueuedItem(actor, ns, key);
        if (!_items.Writer.TryWrite(item))
        {
            Volatile.Write(ref _hasDropped, 1);
            return Task.CompletedTask;
        }

        return IsFailing ? Task.CompletedTask : item.Done.Task;
    }

    /// <summary>Whether items did not fit since the last call.</summary>
    public bool TakeDropped() => Interlocked.Exchange(ref _hasDropped, 0) == 1;

    public bool TryTake(out QueuedItem? item) => _items.Reader.TryRead(out item);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _items.Reader.WaitToReadAsync(cancellationToken);
}

/// <summary>An item that waits to be embedded.</summary>
internal sealed record QueuedItem(Actor Actor, ItemNamespace Namespace, string Key)
{
    /// <summary>Completes when the item was embedded, or will be later.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
