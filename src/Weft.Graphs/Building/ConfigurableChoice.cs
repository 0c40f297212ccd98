namespace Weft.Graphs;

/// <summary>A member of <c>config.configurable</c> that is one of some texts. See <see cref="StateGraph.AddConfigurableChoice"/>.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Values">The texts, in the order in which people see them.</param>
/// <param name="Default">The text that a run without the member has; null if there is none.</param>
public sealed record ConfigurableChoice(string Name, IReadOnlyList<string> Values, string? Default = null)
{
    /// <summary>Returns what a graph accepts if parts of it declare the same member: what all of them accept.</summary>
    /// <exception cref="GraphBuildException">All of them accept nothing.</exception>
    internal static IReadOnlyList<ConfigurableChoice> Join(IEnumerable<ConfigurableChoice> choices) =>
        [.. choices.GroupBy(choice => choice.Name).Select(same => same.Aggregate(Join))];

    private static ConfigurableChoice Join(ConfigurableChoice first, ConfigurableChoice next)
    {
        IReadOnlyList<string> values = [.. first.Values.Intersect(next.Values)];
        if (values.Count == 0)
        {
            throw new GraphBuildException(
                $"No value of '{first.Name}' is one of {string.Join(", ", first.Values)} and also one of {string.Join(", ", next.Values)}, "
                    + "as parts of the graph declare.");
        }

        return first with { Values = values, Default = values.Contains(first.Default) ? first.Default : null };
    }
}
