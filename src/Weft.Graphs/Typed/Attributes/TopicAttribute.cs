namespace Weft.Graphs;

/// <summary>
/// Makes a member a channel of the items that the superstep before published. The member is an
/// <see cref="IReadOnlyList{T}"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TopicAttribute : Attribute
{
    /// <summary>Whether it keeps all items instead. Default: no.</summary>
    public bool Accumulates { get; set; }
}
