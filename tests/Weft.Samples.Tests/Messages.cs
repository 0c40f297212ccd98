using System.Text.Json;
using Weft.Server.Tests;

namespace Weft.Samples.Tests;

/// <summary>What the assistants say.</summary>
internal static class Messages
{
    /// <summary>The text of the last message of a state.</summary>
    public static string Said(this Answer answer) => answer.ShouldBeOk().Json.Said();

    /// <summary>The text of the last message of a state.</summary>
    public static string Said(this JsonElement state) =>
        state.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
}
