using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>JSON of both sides in one form.</summary>
internal static class OracleJson
{
    public static string Write(JsonNode? node) => Arrange(node)?.ToJsonString() ?? "null";

    /// <summary>Interrupts as their values, in any order: ids differ by design (G4).</summary>
    public static JsonNode WithoutIds(JsonNode data)
    {
        if (data is JsonObject && data["__interrupt__"] is JsonArray interrupts)
        {
            data["__interrupt__"] = new JsonArray(
                [.. interrupts.Select(interrupt => interrupt!["value"]!.DeepClone()).OrderBy(Write, StringComparer.Ordinal)]);
        }

        return data;
    }

    /// <summary>D4: the update of a node that wrote nothing is null; JS shows {}.</summary>
    public static JsonNode NothingAsNull(JsonNode update)
    {
        foreach (var (node, written) in update.AsObject().ToList())
        {
            if (written is JsonObject { Count: 0 })
            {
                update[node] = null;
            }
        }

        return update;
    }

    /// <summary>A message with the metadata that both engines have.</summary>
    public static JsonNode MessageTuple(JsonNode tuple) => new JsonArray(
        tuple[0]!.DeepClone(),
        new JsonObject
        {
            ["langgraph_node"] = tuple[1]!["langgraph_node"]!.DeepClone(),
            ["langgraph_step"] = tuple[1]!["langgraph_step"]!.DeepClone(),
        });

    /// <summary>Members by name; of a message, those that both engines have; a list of one message as the message.</summary>
    private static JsonNode? Arrange(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray { Count: 1 } array when array[0] is JsonObject only && IsMessage(only):
                return Flat(only);
            case JsonArray array:
                return new JsonArray([.. array.Select(Arrange)]);
            case JsonObject message when IsMessage(message):
                return Flat(message);
            case JsonObject members:
                return new JsonObject(
                    members.OrderBy(member => member.Key, StringComparer.Ordinal)
                        .Select(member => KeyValuePair.Create(member.Key, Arrange(member.Value))));
            default:
                return node?.DeepClone();
        }
    }

    private static bool IsMessage(JsonObject members) =>
        (members.ContainsKey("type") || members.ContainsKey("role")) && members.ContainsKey("content");

    /// <summary>What a client sent is shown by JS as sent, here as read.</summary>
    private static JsonObject Flat(JsonObject message)
    {
        var type = (message["type"] ?? message["role"])!.ToString();
        return new JsonObject
        {
            ["type"] = type == "user" ? "human" : type,
            ["id"] = message["id"]?.DeepClone(),
            ["content"] = type == "remove" ? "" : message["content"]!.DeepClone(),
        };
    }
}
