using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Items as values of C#.</summary>
public static class StoreExtensions
{
    /// <summary>Keeps a value as an item: see <see cref="IStore.PutAsync"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="ns">Where: at least one label, of which the first is not <c>langgraph</c>.</param>
    /// <param name="key">Its name there.</param>
    /// <param name="value">What is kept; as JSON it is an object.</param>
    /// <param name="typeInfo">How the value becomes JSON.</param>
    /// <param name="options">How it is kept; null: as the store does by itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidItemException">The namespace, the value or an option is not well formed. Nothing is
    /// kept.</exception>
    public static Task PutAsync<T>(
        this IStore store,
        ItemNamespace ns,
        string key,
        T value,
        JsonTypeInfo<T>? typeInfo = null,
        ItemOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.PutAsync(ns, key, GraphJson.ToElement(value, typeInfo), options, cancellationToken);
    }

    /// <summary>
    /// Returns the value of an item, or the type's default when there is none or its time is over: see
    /// <see cref="IStore.FindAsync"/>.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="ns">Where.</param>
    /// <param name="key">Its name there.</param>
    /// <param name="typeInfo">How the value is made of JSON.</param>
    /// <param name="refresh">Whether its time to live begins anew; null: as the store does by itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<T?> FindValueAsync<T>(
        this IStore store,
        ItemNamespace ns,
        string key,
        JsonTypeInfo<T>? typeInfo = null,
        bool? refresh = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return await store.FindAsync(ns, key, refresh, cancellationToken) is { } item ? item.Read(typeInfo) : default;
    }
}
