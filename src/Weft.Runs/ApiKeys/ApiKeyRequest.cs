namespace Weft.Runs;

/// <summary>What a new API key is for.</summary>
public sealed record ApiKeyRequest
{
    /// <summary>The purpose of the key, for people: 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The id of the actor that calls with the key act for: 1 to 200 characters.</summary>
    public required string Owner { get; init; }

    /// <summary>What calls with the key may do: at most 100, each of 1 to 200 characters without spaces. Default: none.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>When the key expires; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
