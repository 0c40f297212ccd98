namespace Weft.Graphs;

/// <summary>An item to store, or a condition to search by, is not well formed.</summary>
/// <param name="field">
/// The invalid part, by its name on the wire: <c>namespace</c>, <c>value</c>, <c>ttl</c>, or a condition such as
/// <c>filter.age.$gt</c>.
/// </param>
/// <param name="message">The reason.</param>
public sealed class InvalidItemException(string field, string message) : GraphException(message)
{
    /// <summary>The invalid part.</summary>
    public string Field { get; } = field;
}
