using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>A value that a store keeps under a namespace and a key.</summary>
public sealed record Item
{
    private static readonly TimeSpan TimeToLiveMax = TimeSpan.FromDays(36_500);

    /// <summary>The namespace.</summary>
    public required ItemNamespace Namespace { get; init; }

    /// <summary>The key in the namespace.</summary>
    public required string Key { get; init; }

    /// <summary>The value, a JSON object.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>The time of the first put.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of the last put.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How long it lives after it was put or refreshed; null means no limit.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>When it expires; null if it does not. An expired item is treated as missing.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc cref="ItemOptions.IndexedPaths"/>
    public IReadOnlyList<string>? IndexedPaths { get; init; }

    /// <summary>
    /// How similar it is to <see cref="ItemQuery.Query"/>, from -1 to 1; null if it has no text to compare, or the store does not rank.
    /// </summary>
    public double? Score { get; init; }

    /// <summary>Checks the arguments of a put and makes the item to store.</summary>
    /// <exception cref="InvalidItemException">The namespace, the value or an option is not well formed.</exception>
    public static Item Create(ItemNamespace ns, string key, JsonElement value, ItemOptions? options, StoreOptions store, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(store);
        ns.CheckPut();
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidItemException("value", "The value of an item is a JSON object.");
        }

        if (!GraphJson.IsWithin(value, GraphJson.ValueDepthMax))
        {
            throw new InvalidItemException("value", $"The value of an item must not nest deeper than {GraphJson.ValueDepthMax} levels.");
        }

        var timeToLive = options?.TimeToLive ?? store.TimeToLive;
        if (timeToLive == Timeout.InfiniteTimeSpan)
        {
            timeToLive = null;
        }
        else if (timeToLive <= TimeSpan.Zero || timeToLive > TimeToLiveMax)
        {
            throw new InvalidItemException("ttl", $"An item's time to live is more than 0 and at most {TimeToLiveMax.TotalDays:N0} days.");
        }

        return new Item
        {
            Namespace = ns,
            Key = key,
            Value = value,
            CreatedAt = now,
            UpdatedAt = now,
            TimeToLive = timeToLive,
            ExpiresAt = now + timeToLive,
            IndexedPaths = options?.IndexedPaths,
        };
    }

    /// <summary>Returns the value as a <typeparamref name="T"/>.</summary>
    /// <exception cref="JsonException">The value is not a <typeparamref name="T"/>.</exception>
    public T Read<T>(JsonTypeInfo<T>? typeInfo = null) => Value.Deserialize(typeInfo ?? GraphJson.TypeInfo<T>())!;
}
