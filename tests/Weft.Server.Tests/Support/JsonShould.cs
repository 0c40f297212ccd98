using System.Text.Json;

namespace Weft.Server.Tests;

internal static class JsonShould
{
    /// <summary>The same JSON, whatever the order of members.</summary>
    public static void ShouldBeJson(this JsonElement actual, string expected) =>
        JsonElement.DeepEquals(actual, JsonElement.Parse(expected)).ShouldBeTrue($"expected {expected}\nbut was  {actual.GetRawText()}");

    public static string[] Names(this JsonElement json) => [.. json.EnumerateObject().Select(member => member.Name)];

    public static string[] Strings(this JsonElement json) => [.. json.EnumerateArray().Select(item => item.GetString()!)];

    /// <summary>The texts of <c>messages</c> in a state.</summary>
    public static string[] Texts(this JsonElement state) =>
        [.. state.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()!)];

    /// <summary>The id of a state's checkpoint.</summary>
    public static string CheckpointId(this JsonElement state) => state.GetProperty("checkpoint").Text("checkpoint_id");

    /// <summary>The id of the checkpoint before; null for the first one.</summary>
    public static string? ParentId(this JsonElement state) =>
        state.GetProperty("parent_checkpoint") is { ValueKind: JsonValueKind.Object } parent ? parent.Text("checkpoint_id") : null;

    public static string Text(this JsonElement json, string member) => json.GetProperty(member).GetString()!;
}
