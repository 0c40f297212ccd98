using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// A condition on the metadata of resources: that a member equals a text, or is a list with a text in it. Conditions combine with
/// <see cref="And"/> and <see cref="Or"/>.
/// </summary>
public sealed class MetadataFilter
{
    // Any of these, each of which is a list of conditions that all hold.
    private readonly MetadataCondition[][] _alternatives;

    private MetadataFilter(MetadataCondition[][] alternatives) => _alternatives = alternatives;

    /// <summary>Matches all metadata.</summary>
    public static MetadataFilter All { get; } = new([[]]);

    /// <summary>Matches no metadata.</summary>
    public static MetadataFilter None { get; } = new([]);

    /// <summary>The alternatives, one of which must hold.</summary>
    internal IReadOnlyList<IReadOnlyList<MetadataCondition>> Alternatives => _alternatives;

    /// <summary>Whether it matches all metadata.</summary>
    internal bool IsAll => Array.Exists(_alternatives, static conditions => conditions.Length == 0);

    /// <summary>
    /// JSON objects that metadata must contain, all of them (see <see cref="JsonContainment"/>); null if there are alternatives.
    /// </summary>
    internal IReadOnlyList<JsonElement>? Parts =>
        _alternatives is [var conditions] ? [.. conditions.Select(static condition => condition.ToPart())] : null;

    /// <summary>Matches metadata whose member <paramref name="member"/> is this text.</summary>
    public static MetadataFilter Equal(string member, string value) => Of(new MetadataCondition(member, value, IsInList: false));

    /// <summary>Matches metadata whose member <paramref name="member"/> is a list that contains this text.</summary>
    public static MetadataFilter Contains(string member, string value) => Of(new MetadataCondition(member, value, IsInList: true));

    /// <summary>Returns the filter that matches what both filters match.</summary>
    public MetadataFilter And(MetadataFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return AnyOf(_alternatives.SelectMany(one => other._alternatives.Select(two => one.Concat(two))));
    }

    /// <summary>Returns the filter that matches what one of the filters matches.</summary>
    public MetadataFilter Or(MetadataFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new MetadataFilter([.. _alternatives, .. other._alternatives]);
    }

    /// <summary>Whether it matches <paramref name="metadata"/>, a JSON object.</summary>
    public bool Matches(JsonElement metadata) =>
        Array.Exists(_alternatives, conditions => Array.TrueForAll(conditions, condition => condition.Matches(metadata)));

    /// <summary>
    /// Whether it matches <c>namespace</c>, a list of labels, and <c>key</c> of an item. Without a key, no condition on it holds.
    /// </summary>
    internal bool MatchesItem(ItemNamespace ns, string? key) =>
        Array.Exists(_alternatives, conditions => Array.TrueForAll(conditions, condition => condition.MatchesItem(ns, key)));

    /// <summary>Returns the filter as text; equal filters that were made the same way have the same text.</summary>
    public override string ToString() => string.Join(" or ", _alternatives.Select(static conditions => conditions.Length == 0
        ? "all"
        : string.Join(" and ", conditions.Select(static condition =>
            $"{condition.Member} {(condition.IsInList ? "contains" : "is")} '{condition.Value}'"))));

    internal static MetadataFilter AnyOf(IEnumerable<IEnumerable<MetadataCondition>> alternatives) =>
        new([.. alternatives.Select(static conditions => conditions.ToArray())]);

    private static MetadataFilter Of(MetadataCondition condition)
    {
        ArgumentException.ThrowIfNullOrEmpty(condition.Member, "member");
        ArgumentNullException.ThrowIfNull(condition.Value, "value");
        return new MetadataFilter([[condition]]);
    }
}
