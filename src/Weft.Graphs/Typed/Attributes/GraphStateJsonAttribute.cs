namespace Weft.Graphs;

/// <summary>Says how the values of all states of the assembly become JSON.</summary>
/// <param name="json">As <see cref="GraphStateAttribute.Json"/>.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GraphStateJsonAttribute(Type json) : Attribute
{
    /// <summary>As <see cref="GraphStateAttribute.Json"/>.</summary>
    public Type Json { get; } = json;
}
