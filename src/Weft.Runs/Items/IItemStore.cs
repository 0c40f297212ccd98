using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Keeps items, which outlive threads.</summary>
/// <remarks>Every implementation passes <c>ItemStoreContract</c>; behaviour that the suite does not check is not guaranteed.</remarks>
public interface IItemStore
{
    /// <summary>Returns a view of the items of <paramref name="actor"/> only. The call itself costs nothing.</summary>
    /// <param name="actor">The actor that the items belong to.</param>
    /// <param name="options">Defaults for calls that do not set an option.</param>
    /// <param name="time">The clock.</param>
    IStore Open(Actor actor, StoreOptions options, TimeProvider time);

    /// <summary>Removes the expired items of all actors. Returns how many.</summary>
    Task<int> DeleteExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
