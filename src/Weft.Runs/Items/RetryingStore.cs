using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The items for the nodes of one execution. An operation that fails because storage is unavailable for a moment is repeated
/// until it succeeds, the execution is stopped, or the caller cancels. Nothing is repeated for a run that has ended.
/// </summary>
internal sealed class RetryingStore(IStore store, ActiveRun run, TimeProvider time) : IStore
{
    public Task PutAsync(
        ItemNamespace ns, string key, JsonElement value, ItemOptions? options = null, CancellationToken cancellationToken = default) =>
        DoAsync(
            async () =>
            {
                await store.PutAsync(ns, key, value, options, cancellationToken);
                return true;
            },
            cancellationToken);

    public Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default) =>
        DoAsync(() => store.FindAsync(ns, key, refresh, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default) =>
        DoAsync(() => store.SearchAsync(prefix, query, cancellationToken), cancellationToken);

    public Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default) =>
        DoAsync(() => store.DeleteAsync(ns, key, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default) =>
        DoAsync(() => store.ListNamespacesAsync(query, cancellationToken), cancellationToken);

    private async Task<T> DoAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (StorageRetry.IsTransient(e))
        {
            return await RepeatAsync(action, cancellationToken);
        }
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(run.StopToken, cancellationToken);
        return await new StorageRetry(time, stop.Token).RepeatAsync(() =>
        {
            stop.Token.ThrowIfCancellationRequested();
            return run.Ended.IsCompleted ? throw new OperationCanceledException("The run has ended.") : action();
        });
    }
}
