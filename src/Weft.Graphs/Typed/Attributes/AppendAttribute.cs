namespace Weft.Graphs;

/// <summary>
/// Makes a member a channel that collects items: a write appends. The member is an <see cref="IReadOnlyList{T}"/>. It
/// is empty at first.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AppendAttribute : Attribute;
