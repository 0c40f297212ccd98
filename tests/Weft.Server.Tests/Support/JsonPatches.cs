using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Server.Tests;

/// <summary>Applies operations of RFC 6902. An operation that does not fit fails the test.</summary>
internal static class JsonPatches
{
    public static JsonNode? Apply(JsonNode? document, JsonElement patch)
    {
        // The document is inside an object, so that an operation may replace it.
        var root = new JsonObject { ["document"] = document?.DeepClone() };
        foreach (var operation in patch.EnumerateArray())
        {
            string[] path = ["document", .. operation.Text("path").Split('/')[1..].Select(Unescape)];
            JsonNode parent = root;
            foreach (var token in path[..^1])
            {
                parent = (parent is JsonArray list ? list[Index(token)] : parent.AsObject()[token]).ShouldNotBeNull(operation.GetRawText());
            }

            Apply(parent, path[^1], operation);
        }

        return root["document"]?.DeepClone();
    }

    private static void Apply(JsonNode parent, string token, JsonElement operation)
    {
        JsonNode? Value() => JsonNode.Parse(operation.GetProperty("value").GetRawText());
        switch (parent, operation.Text("op"))
        {
            case (JsonArray list, "add"):
                list.Insert(Index(token), Value());
                break;
            case (JsonArray list, "replace"):
                list[Index(token)] = Value();
                break;
            case (JsonArray list, "remove"):
                list.RemoveAt(Index(token));
                break;
            case (JsonObject members, "add"):
                members.ContainsKey(token).ShouldBeFalse(operation.GetRawText());
                members[token] = Value();
                break;
            case (JsonObject members, "replace"):
                members.ContainsKey(token).ShouldBeTrue(operation.GetRawText());
                members[token] = Value();
                break;
            case (JsonObject members, "remove"):
                members.Remove(token).ShouldBeTrue(operation.GetRawText());
                break;
            default:
                throw new InvalidOperationException($"{operation.GetRawText()} does not fit.");
        }
    }

    private static int Index(string token) => int.Parse(token, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Unescape(string token) =>
        token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
