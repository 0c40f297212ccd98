using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Conditions on the values of items: a JSON object. Each member is the condition on the value's member of that name. A
/// condition is a value to equal, an object of operators that must all hold (<c>$eq</c>, <c>$ne</c>, <c>$gt</c>,
/// <c>$gte</c>, <c>$lt</c>, <c>$lte</c>), or an object of conditions on its own members (docs/protocol/store.md B8).
/// </summary>
/// <remarks>
/// A missing member equals null. Only two numbers or two strings have an order. Strings are ordered by the codes of
/// their characters, so that times in ISO 8601 compare correctly.
/// </remarks>
public sealed class ItemFilter
{
    private readonly JsonElement _conditions;

    private ItemFilter(JsonElement conditions) => _conditions = conditions;

    /// <summary>Whether every item passes.</summary>
    public bool IsEmpty => !_conditions.EnumerateObject().MoveNext();

    /// <summary>Reads conditions.</summary>
    /// <exception cref="InvalidItemException">It is not an object, or has an unknown operator.</exception>
    public static ItemFilter FromJson(JsonElement conditions)
    {
        if (conditions.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidItemException("filter", "A filter is a JSON object.");
        }

        foreach (var member in conditions.EnumerateObject())
        {
            Check(member.Value, $"filter.{member.Name}");
        }

        return new ItemFilter(conditions.Clone());
    }

    /// <summary>Reads conditions from their text, such as <c>{"lang":"de","age":{"$gte":18}}</c>.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidItemException">It is not an object, or has an unknown operator.</exception>
    public static ItemFilter Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromJson(GraphJson.Parse(Encoding.UTF8.GetBytes(json)));
    }

    /// <summary>Whether a value meets all conditions.</summary>
    public bool Matches(JsonElement value) => AllHold(value, _conditions);

    private static void Check(JsonElement condition, string field)
    {
        if (condition.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var hasOperators = HasOperators(condition);
        foreach (var member in condition.EnumerateObject())
        {
            if (!hasOperators)
            {
                Check(member.Value, $"{field}.{member.Name}");
            }
            else if (member.Name is not ("$eq" or "$ne" or "$gt" or "$gte" or "$lt" or "$lte"))
            {
                throw new InvalidItemException($"{field}.{member.Name}", $"'{member.Name}' is none of $eq, $ne, $gt, $gte, $lt, $lte.");
            }
        }
    }

    private static bool HasOperators(JsonElement condition) => condition.EnumerateObject().Any(member => member.Name.StartsWith('$'));

    private static bool AllHold(JsonElement value, JsonElement conditions)
    {
        foreach (var member in conditions.EnumerateObject())
        {
            if (!Holds(value.TryGetProperty(member.Name, out var found) ? found : GraphJson.Null, member.Value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(JsonElement value, JsonElement condition) =>
        condition.ValueKind != JsonValueKind.Object ? JsonElement.DeepEquals(value, condition)
        : HasOperators(condition) ? condition.EnumerateObject().All(member => Holds(value, member.Name, member.Value))
        : value.ValueKind == JsonValueKind.Object && AllHold(value, condition);

    private static bool Holds(JsonElement value, string name, JsonElement operand) => name switch
    {
        "$eq" => JsonElement.DeepEquals(value, operand),
        "$ne" => !JsonElement.DeepEquals(value, operand),
        "$gt" => Compare(value, operand) > 0,
        "$gte" => Compare(value, operand) >= 0,
        "$lt" => Compare(value, operand) < 0,
        _ => Compare(value, operand) <= 0,
    };

    /// <summary>Compares two values; null if they have no order.</summary>
    private static int? Compare(JsonElement value, JsonElement other) => (value.ValueKind, other.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => value.TryGetInt64(out var x) && other.TryGetInt64(out var y)
            ? x.CompareTo(y)
            : value.GetDouble().CompareTo(other.GetDouble()),
        (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(value.GetString(), other.GetString()),
        _ => null,
    };
}
