namespace Weft.Server.Tests.Openapi;

/// <summary>What the platform's OpenAPI document has and ours does not, and why. A <c>*</c> stands for any text.</summary>
internal static class PlatformAbsences
{
    public static IReadOnlyList<(string Facts, string Reason)> All { get; } =
    [
    ];
}
