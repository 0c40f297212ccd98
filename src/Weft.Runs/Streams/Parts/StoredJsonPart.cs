using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// An event that an earlier version of the server stored in the form of the first protocol. Only that protocol can show
/// it.
/// </summary>
/// <param name="mode">The mode that the event belongs to.</param>
/// <param name="name">As <see cref="Name"/>.</param>
/// <param name="json">As <see cref="Json"/>.</param>
public sealed class StoredJsonPart(StreamMode mode, string name, LazyJson json) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => mode;

    /// <summary>The name of the event, without its namespace.</summary>
    public string Name => name;

    /// <summary>The data of the event.</summary>
    public LazyJson Json => json;

    /// <inheritdoc/>
    public override int CostBytes => json.CostBytes;
}
