using Microsoft.Extensions.Time.Testing;
using Weft.Runs;

namespace Weft.Server.Tests.Authentication;

/// <summary>Valid keys are remembered for a short time, and only those.</summary>
public sealed class ApiKeyCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CountingStore _store = new();
    private readonly WeftApiKeyOptions _options = new() { CacheTime = TimeSpan.FromSeconds(10), CachedKeysMax = 2 };
    private readonly ApiKeysFacade _keys;
    private readonly ApiKeyCache _cache;

    public ApiKeyCacheTests()
    {
        _keys = new ApiKeysFacade(_store, _time);
        _cache = new ApiKeyCache(_store, new SharedClock(_time));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_valid_key_is_read_once_in_its_time()
    {
        var key = (await CreateAsync()).Key;

        for (var second = 0; second < 10; second++)
        {
            (await FindAsync(key)).ShouldNotBeNull().Owner.ShouldBe("alice");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _store.Reads.ShouldBe(1);
        (await FindAsync(key)).ShouldNotBeNull();
        _store.Reads.ShouldBe(2);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_when_its_time_in_the_cache_is_over()
    {
        var (key, record) = await CreateAsync();
        await FindAsync(key);
        (await _keys.RevokeAsync(record.Id, Token)).ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(10));

        (await FindAsync(key)).ShouldBeNull();
    }

    [Fact]
    public async Task An_expired_key_is_refused_at_once()
    {
        var key = (await CreateAsync(expires: TimeSpan.FromSeconds(3))).Key;
        (await FindAsync(key)).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        (await FindAsync(key)).ShouldNotBeNull();

        _time.Advance(TimeSpan.FromSeconds(0.1));

        (await FindAsync(key)).ShouldBeNull();
    }

    [Fact]
    public async Task A_wrong_key_with_the_id_of_a_remembered_one_is_refused_and_not_remembered()
    {
        var key = (await CreateAsync()).Key;
        var wrong = key[..^1] + (key[^1] == 'A' ? 'B' : 'A');
        (await FindAsync(wrong)).ShouldBeNull();
        (await FindAsync(key)).ShouldNotBeNull();

        (await FindAsync(wrong)).ShouldBeNull();

        (await FindAsync(key)).ShouldNotBeNull();
        _store.Reads.ShouldBe(2);
    }

    [Fact]
    public async Task The_number_of_remembered_keys_is_limited_and_all_stay_valid()
    {
        List<string> keys = [];
        for (var i = 0; i < 5; i++)
        {
            keys.Add((await CreateAsync()).Key);
        }

        foreach (var key in keys.Concat(keys))
        {
            (await FindAsync(key)).ShouldNotBeNull();
        }

        _store.Reads.ShouldBeGreaterThan(5);
    }

    [Theory]
    [InlineData("")]
    [InlineData("weft_")]
    [InlineData("weft_0123456789abcdef-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("weft_0123456789abcdef_ÄAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("left_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Text_that_is_not_a_key_is_refused_without_a_read(string text)
    {
        (await FindAsync(text)).ShouldBeNull();
        _store.Reads.ShouldBe(0);
    }

    private Task<NewApiKey> CreateAsync(TimeSpan? expires = null) => _keys.CreateAsync(
        new ApiKeyRequest { Name = "test", Owner = "alice", ExpiresAt = _time.GetUtcNow() + expires }, Token);

    private Task<ApiKeyRecord?> FindAsync(string key) => _cache.FindValidAsync(key, _options).AsTask();

    private sealed class CountingStore : IApiKeyStore
    {
        private readonly Dictionary<string, ApiKeyRecord> _records = [];

        public int Reads { get; private set; }

        public Task<bool> TryAddAsync(ApiKeyRecord key, CancellationToken cancellationToken) =>
            Task.FromResult(_records.TryAdd(key.Id, key));

        public Task<ApiKeyRecord?> FindAsync(string id, CancellationToken cancellationToken)
        {
            Reads++;
            return Task.FromResult(_records.GetValueOrDefault(id));
        }

        public Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ApiKeyRecord>>([.. _records.Values]);

        public Task<bool> RevokeAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var exists = _records.TryGetValue(id, out var record);
            if (exists)
            {
                _records[id] = record! with { RevokedAt = now };
            }

            return Task.FromResult(exists);
        }
    }
}
