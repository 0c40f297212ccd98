using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>A content block that comes whole, in the form that all providers share (docs/protocol/v2.md 6).</summary>
/// <param name="Members">The block without its data.</param>
/// <param name="Data">The bytes of media: base64, a JSON string. Null if there are none.</param>
internal readonly record struct StandardBlock(JsonObject Members, LazyJson? Data = null)
{
    /// <summary>Returns the block in the shared form. A type that has no such form becomes <c>non_standard</c>.</summary>
    public static StandardBlock Of(JsonElement block)
    {
        switch (block.TryGetProperty("type"u8, out var type) ? type.ToString() : null)
        {
            case "image_url":
                return MediaMembers.OfImage(block.TryGetProperty("image_url"u8, out var image) ? image : default);
            case "input_audio" when block.TryGetProperty("input_audio"u8, out var audio) && audio.ValueKind == JsonValueKind.Object:
                return MediaMembers.OfAudio(audio);
            case "image" or "audio" or "video" or "file":
                return MediaMembers.Of(block, type.GetString()!);
            case "non_standard" or "server_tool_call" or "server_tool_call_chunk" or "server_tool_call_result" or "server_tool_result":
                return new StandardBlock(MembersOf(block));
            default:
                return new StandardBlock(new JsonObject { ["type"] = "non_standard", ["value"] = MembersOf(block) });
        }
    }

    private static JsonObject MembersOf(JsonElement block)
    {
        var members = JsonObject.Create(block.Clone())!;
        members.Remove("index");
        return members;
    }
}
