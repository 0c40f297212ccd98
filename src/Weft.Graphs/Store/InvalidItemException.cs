namespace Weft.Graphs;

/// <summary>What a store is asked to keep or to look for is not well formed.</summary>
/// <param name="field">What is at fault, by its name on the wire: <c>namespace</c>, <c>value</c>, <c>ttl</c>, or a
/// condition such as <c>filter.age.$gt</c>.</param>
/// <param name="message">The reason in words.</param>
public sealed class InvalidItemException(string field, string message) : GraphException(message)
{
    /// <summary>What is at fault.</summary>
    public string Field { get; } = field;
}
