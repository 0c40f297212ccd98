using System.Text.Json;

namespace Weft.Graphs;

/// <summary>An edit of a state, made as if a node had returned it (docs/protocol/state.md E5).</summary>
/// <param name="Values">An object of channel to value, a list of such objects, or null.</param>
/// <param name="AsNode">The node; null means the one that ran last.</param>
public sealed record NodeUpdate(JsonElement? Values, string? AsNode = null)
{
    /// <summary>Destinations in addition to the edges of the node.</summary>
    public IReadOnlyList<Destination> Goto { get; init; } = [];

    /// <summary>Makes the edit of an update.</summary>
    /// <param name="update">The value that counts as returned by the node; null means nothing.</param>
    /// <param name="asNode">The node; null means the one that ran last.</param>
    public static NodeUpdate Of(StateUpdate? update, string? asNode = null) => new(update?.ToPairs(), asNode);
}
