using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads filters: the body of an event stream, or the params of a subscription (docs/protocol/v2.md 7).</summary>
internal static class V2FilterReader
{
    private const string CustomPrefix = "custom:";

    /// <summary>Reads a filter.</summary>
    /// <param name="json">The filter.</param>
    /// <param name="place">What precedes the names of its members in messages, such as <c>params.</c></param>
    /// <param name="ignoresUnknown">Whether channels that do not exist are ignored.</param>
    /// <param name="prefixesMax">The most namespaces and custom channels.</param>
    /// <exception cref="WeftException">A member is missing or wrong.</exception>
    public static V2Filter Read(JsonElement json, string place, bool ignoresUnknown, int prefixesMax)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Requests.Invalid(place.Length == 0 ? "body" : place.TrimEnd('.'), "It must be an object.");
        }

        var channels = V2Channels.None;
        var customNames = new HashSet<string>();
        foreach (var name in ReadNames(json, place))
        {
            if (name.StartsWith(CustomPrefix, StringComparison.Ordinal))
            {
                customNames.Add(name[CustomPrefix.Length..]);
            }
            else if (ChannelOf(name) is var channel && channel != V2Channels.None)
            {
                channels |= channel;
            }
            else if (!ignoresUnknown)
            {
                throw Requests.Invalid(place + "channels", $"'{name}' is no channel.");
            }
        }

        if (customNames.Count > prefixesMax)
        {
            throw Requests.Invalid(place + "channels", $"It may name at most {prefixesMax} custom channels.");
        }

        return new V2Filter
        {
            Channels = channels,
            CustomNames = customNames,
            Prefixes = ReadPrefixes(json, place, prefixesMax),
            Depth = (int?)ReadNumber(json, place, "depth", int.MaxValue),
            Since = ReadNumber(json, place, "since", long.MaxValue),
        };
    }

    private static V2Channels ChannelOf(string name) => name switch
    {
        "values" => V2Channels.Values,
        "updates" => V2Channels.Updates,
        "messages" => V2Channels.Messages,
        "tools" => V2Channels.Tools,
        "lifecycle" => V2Channels.Lifecycle,
        "input" => V2Channels.Input,
        "checkpoints" => V2Channels.Checkpoints,
        "tasks" => V2Channels.Tasks,
        "custom" => V2Channels.Custom,
        _ => V2Channels.None,
    };

    private static IEnumerable<string> ReadNames(JsonElement json, string place)
    {
        if (!json.TryGetProperty("channels"u8, out var names) || names.ValueKind == JsonValueKind.Null)
        {
            throw Requests.Invalid(place + "channels", "Field required");
        }

        return names.ValueKind == JsonValueKind.Array && names.GetArrayLength() > 0
            && names.EnumerateArray().All(static name => name.ValueKind == JsonValueKind.String)
            ? names.EnumerateArray().Select(static name => name.GetString()!)
            : throw Requests.Invalid(place + "channels", "It must be a list of strings that is not empty.");
    }

    private static List<string[]>? ReadPrefixes(JsonElement json, string place, int prefixesMax)
    {
        if (!json.TryGetProperty("namespaces"u8, out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array || !list.EnumerateArray().All(IsPath))
        {
            throw Requests.Invalid(place + "namespaces", "It must be a list of lists of strings.");
        }

        if (list.GetArrayLength() > prefixesMax)
        {
            throw Requests.Invalid(place + "namespaces", $"It may have at most {prefixesMax} namespaces.");
        }

        return list.GetArrayLength() == 0
            ? null
            : [.. list.EnumerateArray().Select(static path => (string[])[.. path.EnumerateArray().Select(static segment => segment.GetString()!)])];
    }

    private static bool IsPath(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(static segment => segment.ValueKind == JsonValueKind.String);

    private static long? ReadNumber(JsonElement json, string place, string member, long max)
    {
        if (!json.TryGetProperty(member, out var number) || number.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var value) && value >= 0 && value <= max
            ? value
            : throw Requests.Invalid(place + member, $"It must be a whole number, at least 0 and at most {max}.");
    }
}
