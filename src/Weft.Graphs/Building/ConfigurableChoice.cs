namespace Weft.Graphs;

/// <summary>A member of <c>config.configurable</c> that is one of some texts. See <see cref="StateGraph.ConfigurableChoice"/>.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Values">The texts, in the order in which people see them.</param>
/// <param name="Default">The text that a run without the member has; null if there is none.</param>
public sealed record ConfigurableChoice(string Name, IReadOnlyList<string> Values, string? Default = null)
{
    /// <summary>Returns what a graph accepts if parts of it declare the same member: what all of them accept.</summary>
    internal static IReadOnlyList<ConfigurableChoice> Join(IEnumerable<ConfigurableChoice> choices) =>
        [.. choices.GroupBy(choice => choice.Name).Select(same => same.Aggregate(
            (first, next) => first with { Values = [.. first.Values.Intersect(next.Values)] }))];
}
