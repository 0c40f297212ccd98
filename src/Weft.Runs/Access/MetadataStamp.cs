using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// What the metadata of a new or changed resource gets: members, which replace the client's, and the conditions of a filter, so
/// that the filter matches the resource.
/// </summary>
public sealed class MetadataStamp
{
    private readonly JsonElement _members;
    private readonly MetadataFilter _filter;

    /// <summary>Makes a stamp.</summary>
    /// <param name="members">A JSON object with the members.</param>
    /// <param name="filter">
    /// The filter. A condition on a list adds to the list that the client gave. Alternatives add nothing, because the choice between
    /// them is the client's.
    /// </param>
    public MetadataStamp(JsonElement members, MetadataFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        _members = members;
        _filter = filter;
    }

    /// <summary>Adds nothing.</summary>
    public static MetadataStamp None { get; } = new(GraphJson.EmptyObject, MetadataFilter.All);

    /// <summary>The members, a JSON object.</summary>
    internal JsonElement Members => _members;

    /// <summary>The filter.</summary>
    internal MetadataFilter Filter => _filter;

    internal bool IsEmpty => Conditions.Count == 0 && !_members.EnumerateObject().MoveNext();

    private IReadOnlyList<MetadataCondition> Conditions => _filter.Alternatives is [var only] ? only : [];

    /// <summary>Returns metadata, a JSON object, with the members and the conditions.</summary>
    internal JsonElement ApplyTo(JsonElement metadata)
    {
        var stamped = ConfigMerge.Shallow(metadata, _members)!.Value;
        foreach (var condition in Conditions)
        {
            if (!condition.Matches(stamped))
            {
                stamped = ConfigMerge.Shallow(stamped, MemberOf(condition, stamped))!.Value;
            }
        }

        return stamped;
    }

    private static JsonElement MemberOf(MetadataCondition condition, JsonElement metadata) =>
        GraphJson.Parse(GraphJson.Encode((condition, metadata), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName(s.condition.Member);
            if (!s.condition.IsInList)
            {
                writer.WriteStringValue(s.condition.Value);
            }
            else
            {
                writer.WriteStartArray();
                if (s.metadata.TryGetProperty(s.condition.Member, out var list) && list.ValueKind == JsonValueKind.Array)
                {
                    foreach (var item in list.EnumerateArray())
                    {
                        item.WriteTo(writer);
                    }
                }

                writer.WriteStringValue(s.condition.Value);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }));
}
