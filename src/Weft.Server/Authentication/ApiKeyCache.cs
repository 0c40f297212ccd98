using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Checks API keys, and remembers valid ones for a short time. Invalid keys are not remembered, so that callers who guess can't
/// evict those that are used.
/// </summary>
internal sealed class ApiKeyCache(IApiKeyStore store, SharedClock time)
{
    private readonly ConcurrentDictionary<string, Entry> _valid = new(StringComparer.Ordinal);

    /// <summary>Returns what is stored of a key; null if it is malformed, unknown, revoked or expired.</summary>
    public async ValueTask<ApiKeyRecord?> FindValidAsync(string key, WeftApiKeyOptions options)
    {
        if (ApiKeyText.IdOf(key) is not { } id)
        {
            return null;
        }

        if (_valid.TryGetValue(id, out var entry) && time.GetElapsedTime(entry.Since) < options.CacheTime)
        {
            // The key is compared instead of its hash, which takes longer than the rest of the check.
            return AreEqual(key, entry.Key) && entry.Record.IsValidAt(time.GetUtcNow()) ? entry.Record : null;
        }

        // The time begins before the read: a key that is revoked afterwards is accepted no longer than the limit says.
        var since = time.GetTimestamp();
        var record = await store.FindAsync(id, CancellationToken.None);
        if (record is null || !ApiKeyText.Matches(key, record.Hash) || !record.IsValidAt(time.GetUtcNow()))
        {
            return null;
        }

        if (_valid.Count >= options.CachedKeysMax)
        {
            // Each key in use is then read once again, which takes microseconds.
            _valid.Clear();
        }

        _valid[id] = new Entry(key, record, since);
        return record;
    }

    /// <summary>Compares in a time that does not depend on the values.</summary>
    private static bool AreEqual(string key, string other) => CryptographicOperations.FixedTimeEquals(
        MemoryMarshal.AsBytes(key.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan()));

    private sealed record Entry(string Key, ApiKeyRecord Record, long Since);
}
