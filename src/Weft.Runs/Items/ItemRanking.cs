using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Searches items by meaning, and has new ones embedded.</summary>
internal sealed partial class ItemRanking(
    IItemIndex index,
    ItemEmbedder embedder,
    ItemFields fields,
    ItemIndexQueue queue,
    ItemIndexOptions options,
    SharedClock time,
    SafeLogger<ItemRanking> logger)
{
    /// <summary>
    /// Has a stored item embedded, and waits for it unless that takes long or fails. The item is stored in any case, so nothing is
    /// thrown.
    /// </summary>
    public async Task AfterPutAsync(Actor actor, ItemNamespace ns, string key, CancellationToken cancellationToken)
    {
        var isIndexed = queue.Add(actor, ns, key);
        if (options.PutWait > TimeSpan.Zero)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var limit = Task.Delay(options.PutWait, time, wait.Token);
            await Task.WhenAny(isIndexed, limit);
            await wait.CancelAsync();
        }
    }

    /// <summary>Returns the vector of the text of a search.</summary>
    /// <exception cref="WeftException">The embedding generator can't be used now.</exception>
    public async Task<ItemVector> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            return new ItemVector(embedder.Space, (await embedder.EmbedAsync([fields.Cut(text)], cancellationToken))[0]);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotEmbedded(e);
            throw new WeftException(
                ProblemKind.Unavailable, "Items can't be ranked now, because the embedding model does not answer. Try again later.");
        }
    }

    /// <summary>Returns a page of items, the most similar ones first.</summary>
    public Task<LazyPage<Item>> OpenSearchAsync(
        Actor actor, StoreOptions store, ItemNamespace prefix, ItemQuery query, ItemVector vector, CancellationToken cancellationToken) =>
        index.OpenSearchAsync(actor, store, time, prefix, query, vector, cancellationToken);

    [LoggerMessage(1, LogLevel.Warning, "The text of a search was not embedded.")]
    private partial void LogNotEmbedded(Exception exception);
}
