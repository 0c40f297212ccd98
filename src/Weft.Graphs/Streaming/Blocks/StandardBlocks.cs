using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>Content blocks that come whole, in the form that all providers share (docs/protocol/v2.md 6).</summary>
internal static class StandardBlocks
{
    private static readonly string[] BinaryMembers = ["data", "base64"];

    /// <summary>Returns the block in the shared form. A type that has no such form becomes <c>non_standard</c>.</summary>
    public static JsonObject Of(JsonElement block)
    {
        var members = JsonObject.Create(block.Clone())!;
        members.Remove("index");
        switch (members["type"]?.ToString())
        {
            case "image_url":
                var image = members["image_url"];
                var url = image is JsonObject given ? given["url"] : image;
                return new JsonObject { ["type"] = "image", ["url"] = url?.DeepClone() };
            case "input_audio" when members["input_audio"] is JsonObject audio:
                return new JsonObject
                {
                    ["type"] = "audio",
                    ["data"] = audio["data"]?.DeepClone(),
                    ["mime_type"] = $"audio/{audio["format"]}",
                };
            case "image" or "audio" or "video" or "file":
                if (members["mimeType"] is { } mimeType)
                {
                    members.Remove("mimeType");
                    members.TryAdd("mime_type", mimeType.DeepClone());
                }

                return members;
            case "non_standard" or "server_tool_call" or "server_tool_call_chunk" or "server_tool_call_result" or "server_tool_result":
                return members;
            default:
                return new JsonObject { ["type"] = "non_standard", ["value"] = members };
        }
    }

    /// <summary>Returns the block as it begins: without the members that may be large.</summary>
    public static JsonObject WithoutData(JsonObject block)
    {
        var start = (JsonObject)block.DeepClone();
        foreach (var member in BinaryMembers)
        {
            start.Remove(member);
        }

        return start;
    }
}
