using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Extensions to store and read items as values of any type.</summary>
public static class StoreExtensions
{
    /// <summary>Stores a value as an item: see <see cref="IStore.PutAsync"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="ns">The namespace. It has at least one label, and the first label is not <c>langgraph</c>.</param>
    /// <param name="key">The key in the namespace.</param>
    /// <param name="value">The value. As JSON it must be an object.</param>
    /// <param name="typeInfo">How the value becomes JSON.</param>
    /// <param name="options">How to store it; null means the defaults of the store.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidItemException">
    /// The namespace, the value or an option is not well formed. Nothing is stored.
    /// </exception>
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
    /// Returns the value of an item, or the type's default if it does not exist or has expired: see
    /// <see cref="IStore.FindAsync"/>.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="key">The key in the namespace.</param>
    /// <param name="typeInfo">How the value is read from JSON.</param>
    /// <param name="refresh">Whether to restart its time to live; null means the default of the store.</param>
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
