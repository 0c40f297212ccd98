namespace Weft.Runs;

/// <summary>Stores API keys. A change by another process is visible to the next call.</summary>
public interface IApiKeyStore
{
    /// <summary>Adds a key. Returns false if another key has its id.</summary>
    Task<bool> TryAddAsync(ApiKeyRecord key, CancellationToken cancellationToken);

    /// <summary>Returns the key with an id, also if it is revoked or expired; null if there is none.</summary>
    Task<ApiKeyRecord?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Returns all keys in the order of their creation.</summary>
    Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Revokes a key. A second call does not change when it was revoked. Returns false if no key has the id.
    /// </summary>
    Task<bool> RevokeAsync(string id, DateTimeOffset now, CancellationToken cancellationToken);
}
