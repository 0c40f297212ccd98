using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A condition on one member of metadata.</summary>
/// <param name="Member">The name of the member.</param>
/// <param name="Value">The text that it must be or contain.</param>
/// <param name="IsInList">Whether the member must be a list that contains the text; if false, it must be the text.</param>
internal readonly record struct MetadataCondition(string Member, string Value, bool IsInList)
{
    public bool Matches(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object || !metadata.TryGetProperty(Member, out var found))
        {
            return false;
        }

        return IsInList ? IsIn(found) : IsSame(found);
    }

    /// <summary>See <see cref="MetadataFilter.MatchesItem"/>.</summary>
    public bool MatchesItem(ItemNamespace ns, string? key) => this switch
    {
        { Member: "namespace", IsInList: true } => ns.Contains(Value, StringComparer.Ordinal),
        { Member: "key", IsInList: false } => Value == key,
        _ => false,
    };

    /// <summary>Returns the JSON object that metadata contains if it meets the condition.</summary>
    public JsonElement ToPart() => GraphJson.Parse(GraphJson.Encode(this, static (writer, condition) =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(condition.Member);
        if (condition.IsInList)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(condition.Value);
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteStringValue(condition.Value);
        }

        writer.WriteEndObject();
    }));

    private bool IsIn(JsonElement list)
    {
        if (list.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (IsSame(item))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool IsSame(JsonElement value) => value.ValueKind == JsonValueKind.String && value.ValueEquals(Value);
}
