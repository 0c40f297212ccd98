using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Embeds items in the background: those that were just put first, then those that have no entry of the space, because the server
/// ended, the generator failed, or the model or the fields changed.
/// </summary>
internal sealed partial class ItemIndexer(
    IItemIndex index,
    ItemEmbedder embedder,
    ItemFields fields,
    ItemIndexQueue queue,
    ItemIndexOptions options,
    SharedClock time,
    ServerIdentity server,
    SafeLogger<ItemIndexer> logger) : BackgroundService
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    // Only the loop uses the fields below.
    private int _batchSize = options.BatchSize;
    private TimeSpan _pause = PauseMin;

    // Where the pass over the database is; null if none is under way.
    private long? _position = 0;

    // When the next pass begins; null if none is planned. Refused items are tried again by passes, less and less often.
    private DateTimeOffset? _nextPass;
    private TimeSpan _passDelay = PauseMin;

    // The items that were refused since a call succeeded.
    private int _refused;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Storage is unavailable.
                LogFailed(e);
                await PauseAsync(stoppingToken);
            }
            catch (Exception e) when (e is OperationCanceledException or StorageUnavailableException)
            {
                // The server stops, maybe without its database.
                return;
            }
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var queued = TakeQueued();
        if (queued.Count > 0)
        {
            await IndexQueuedAsync(queued, cancellationToken);
            return;
        }

        if (queue.TakeDropped() || _nextPass <= time.GetUtcNow())
        {
            (_position, _nextPass) = (0, null);
        }

        if (_position is { } position)
        {
            var page = await index.ListUnindexedAsync(embedder.Space, position, _batchSize, time.GetUtcNow(), cancellationToken);
            await IndexAsync(page.Items, cancellationToken);
            _position = page.Next;
            if (page.Items.Count > 0 && _refused == 0)
            {
                _passDelay = PauseMin;
            }

            if (_position is null && server.Key is not null)
            {
                // Another server of the cluster may end before it has embedded what was put there.
                _nextPass ??= time.GetUtcNow() + options.RetryInterval;
            }

            return;
        }

        await WaitAsync(cancellationToken);
    }

    private List<QueuedItem> TakeQueued()
    {
        var items = new List<QueuedItem>();
        while (items.Count < _batchSize && queue.TryTake(out var item))
        {
            items.Add(item!);
        }

        return items;
    }

    private async Task IndexQueuedAsync(List<QueuedItem> queued, CancellationToken cancellationToken)
    {
        try
        {
            var items = new List<(Actor, Item)>();
            foreach (var next in queued.DistinctBy(item => (item.Actor, item.Namespace, item.Key)))
            {
                var item = await index.FindUnindexedAsync(
                    embedder.Space, next.Actor, next.Namespace, next.Key, time.GetUtcNow(), cancellationToken);
                if (item is not null)
                {
                    items.Add((next.Actor, item));
                }
            }

            await IndexAsync(items, cancellationToken);
        }
        catch
        {
            _nextPass = time.GetUtcNow();
            throw;
        }
        finally
        {
            queued.ForEach(item => item.Done.TrySetResult());
        }
    }

    /// <summary>
    /// Embeds items until each is stored or was refused alone. A failure of several together may be the fault of one, so each
    /// half of them is tried after a pause.
    /// </summary>
    private async Task IndexAsync(IReadOnlyList<(Actor Actor, Item Item)> items, CancellationToken cancellationToken)
    {
        for (var at = 0; at < items.Count;)
        {
            var batch = items.Skip(at).Take(_batchSize).ToList();
            try
            {
                await index.AddAsync(embedder.Space, await EmbedAsync(batch, cancellationToken), cancellationToken);
                at += batch.Count;
                Succeeded();
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                Failed(e);
                if (batch.Count == 1)
                {
                    // It may be its fault. It is tried again later, so that it does not hold up the others.
                    Refused();
                    at++;
                }

                _batchSize = Math.Max(1, batch.Count / 2);
                await PauseAsync(cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<ItemEntry>> EmbedAsync(
        List<(Actor Actor, Item Item)> items, CancellationToken cancellationToken)
    {
        var texts = items.ConvertAll(item => fields.TextsOf(item.Item));
        var all = texts.SelectMany(text => text).ToList();
        var vectors = all.Count == 0 ? [] : await embedder.EmbedAsync(all, cancellationToken);
        var entries = new List<ItemEntry>(items.Count);
        var at = 0;
        for (var i = 0; i < items.Count; i++)
        {
            entries.Add(new ItemEntry(items[i].Actor, items[i].Item, [.. vectors.Skip(at).Take(texts[i].Count)]));
            at += texts[i].Count;
        }

        return entries;
    }

    private void Succeeded()
    {
        if (queue.IsFailing)
        {
            queue.IsFailing = false;
            LogRecovered();
            if (_refused > 1)
            {
                // Several items in a row were probably not at fault.
                _nextPass = time.GetUtcNow();
            }
        }

        _refused = 0;
        _pause = PauseMin;
        _batchSize = Math.Min(options.BatchSize, _batchSize * 2);
    }

    private void Failed(Exception exception)
    {
        if (!queue.IsFailing)
        {
            queue.IsFailing = true;
            LogFailed(exception);
        }
    }

    private void Refused()
    {
        _refused++;
        _nextPass ??= time.GetUtcNow() + _passDelay;
        _passDelay = _passDelay * 2 < options.RetryInterval ? _passDelay * 2 : options.RetryInterval;
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_pause, time, cancellationToken);
        _pause = _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
    }

    /// <summary>Waits until an item is put or the next pass begins.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var put = queue.WaitAsync(stop.Token);
        var pass = _nextPass is { } next ? Task.Delay(TimeFrom(next), time, stop.Token) : put;
        await await Task.WhenAny(put, pass);
        await stop.CancelAsync();
    }

    private TimeSpan TimeFrom(DateTimeOffset next) => next > time.GetUtcNow() ? next - time.GetUtcNow() : TimeSpan.Zero;

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "Items were not embedded. They are stored, and are embedded later. Further failures are not logged until a call succeeds.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Items are embedded again.")]
    private partial void LogRecovered();
}
