using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// Reads JSON from outside for a member of a state. Unlike stored JSON, which may be of an earlier version of the type, it must
/// not have members that the type does not have.
/// </summary>
internal sealed class MemberJson<T>(JsonTypeInfo<T> typeInfo, bool takesNull)
{
    /// <exception cref="InvalidUpdateException">The JSON does not fit. The message begins with the path to what is wrong.</exception>
    public T Read(string channel, JsonElement json)
    {
        if (!takesNull && json.ValueKind == JsonValueKind.Null)
        {
            throw new InvalidUpdateException($"{channel}: The value must not be null.");
        }

        try
        {
            return ChannelJson.Deserialize(json, typeInfo)!;
        }
        catch (JsonException e)
        {
            throw new InvalidUpdateException(StrictJson.Describe(channel, e));
        }
    }
}
