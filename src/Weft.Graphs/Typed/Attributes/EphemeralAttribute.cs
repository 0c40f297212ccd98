namespace Weft.Graphs;

/// <summary>Makes a member a channel whose value exists only in the next superstep.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class EphemeralAttribute : Attribute
{
    /// <summary>Whether several writes in one superstep are allowed. The last one wins. Default: no.</summary>
    public bool TakesSeveral { get; set; }
}
