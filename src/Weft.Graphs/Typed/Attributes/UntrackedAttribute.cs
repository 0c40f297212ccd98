namespace Weft.Graphs;

/// <summary>Makes a member a channel that checkpoints do not store. Its type need not be convertible to JSON.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class UntrackedAttribute : Attribute
{
    /// <summary>Whether several writes in one superstep are allowed. The last one wins. Default: no.</summary>
    public bool TakesSeveral { get; set; }
}
