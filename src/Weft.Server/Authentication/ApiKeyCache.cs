using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Checks API keys, and remembers valid ones for a short time. Invalid keys are not remembered, so that callers who guess can't
/// evict those that are used.
/// </summary>
internal sealed class ApiKeyCache(IApiKeyStore store, TimeProvider time)
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
            return IsValid(key, entry.Record) ? entry.Record : null;
        }

        // The time begins before the read: a key that is revoked afterwards is accepted no longer than the limit says.
        var since = time.GetTimestamp();
        var record = await store.FindAsync(id, CancellationToken.None);
        if (record is null || !IsValid(key, record))
        {
            return null;
        }

        if (_valid.Count >= options.CachedKeysMax)
        {
            // Each key in use is then read once again, which takes microseconds.
            _valid.Clear();
        }

        _valid[id] = new Entry(record, since);
        return record;
    }

    private bool IsValid(string key, ApiKeyRecord record) => ApiKeyText.Matches(key, record.Hash) && record.IsValidAt(time.GetUtcNow());

    private sealed record Entry(ApiKeyRecord Record, long Since);
}
