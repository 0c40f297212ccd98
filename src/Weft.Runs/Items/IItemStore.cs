using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Keeps items, which outlive threads.</summary>
/// <remarks>Every implementation passes <c>ItemStoreContract</c>; what that suite does not check is not promised.</remarks>
public interface IItemStore
{
    /// <summary>Returns the items of <paramref name="actor"/>; those of others are as if absent. It costs nothing.</summary>
    /// <param name="actor">Whose.</param>
    /// <param name="options">What the store does where a call does not say.</param>
    /// <param name="time">The clock.</param>
    IStore Open(Actor actor, StoreOptions options, TimeProvider time);

    /// <summary>Removes the items of all actors whose time is over; returns how many.</summary>
    Task<int> DeleteExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
