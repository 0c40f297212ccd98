using System.Text.Json;

namespace Weft.Agents.Tests;

internal static class ShouldBeJsonExtensions
{
    /// <summary>The same JSON, whatever the order of members.</summary>
    public static void ShouldBeJson(this string actual, string expected) =>
        JsonElement.DeepEquals(JsonElement.Parse(actual), JsonElement.Parse(expected))
            .ShouldBeTrue($"expected {expected}\nbut was  {actual}");
}
