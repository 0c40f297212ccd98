namespace Weft.Graphs;

/// <summary>Makes a member a channel for writes that are all the same; its value exists only in the next superstep.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AnyValueAttribute : Attribute;
