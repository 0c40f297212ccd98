namespace Weft.Runs;

/// <summary>An API key as it is stored. The key itself is not stored.</summary>
public sealed record ApiKeyRecord
{
    /// <summary>The id, which is a part of the key and not secret.</summary>
    public required string Id { get; init; }

    /// <summary>The purpose of the key, for people.</summary>
    public required string Name { get; init; }

    /// <summary>The id of the actor that calls with this key act for.</summary>
    public required string Owner { get; init; }

    /// <summary>What calls with this key may do, as the application names it.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>The SHA-256 hash of the key.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>When the key was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the key expires; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the key was revoked; null if it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Whether the key is neither revoked nor expired.</summary>
    public bool IsValidAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
