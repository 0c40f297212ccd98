using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IApiKeyStore"/> promises.</summary>
public abstract class ApiKeyStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task A_key_is_found_as_it_was_added_also_after_the_store_was_closed()
    {
        var key = NewKey("a1") with { Name = "Größe 🙂", Permissions = ["threads:read", "runs:*"], ExpiresAt = At(60) };
        (await Storage.ApiKeys.TryAddAsync(key, Token)).ShouldBeTrue();
        await Storage.CloseAsync();

        var found = (await Storage.ApiKeys.FindAsync("a1", Token)).ShouldNotBeNull();

        found.Permissions.ShouldBe(key.Permissions);
        found.Hash.ToArray().ShouldBe(key.Hash.ToArray());
        (found with { Permissions = key.Permissions, Hash = key.Hash }).ShouldBe(key);
    }

    [Fact]
    public async Task A_key_that_does_not_exist_is_not_found()
    {
        await Storage.ApiKeys.TryAddAsync(NewKey("a1"), Token);

        foreach (var id in (string[])["", "A1", "a", "a11", "a1 ", "' OR 1=1 --"])
        {
            (await Storage.ApiKeys.FindAsync(id, Token)).ShouldBeNull();
            (await Storage.ApiKeys.RevokeAsync(id, At(1), Token)).ShouldBeFalse();
        }

        (await Storage.ApiKeys.FindAsync("a1", Token)).ShouldNotBeNull().RevokedAt.ShouldBeNull();
    }

    [Fact]
    public async Task An_id_is_used_once()
    {
        (await Storage.ApiKeys.TryAddAsync(NewKey("a1"), Token)).ShouldBeTrue();

        (await Storage.ApiKeys.TryAddAsync(NewKey("a1") with { Owner = Bob.Id }, Token)).ShouldBeFalse();

        (await Storage.ApiKeys.FindAsync("a1", Token)).ShouldNotBeNull().Owner.ShouldBe(Alice.Id);
    }

    [Fact]
    public async Task Keys_are_listed_in_the_order_of_their_creation()
    {
        (await Storage.ApiKeys.ListAsync(Token)).ShouldBeEmpty();
        foreach (var (id, second) in ((string, int)[])[("b", 2), ("c", 1), ("a", 3)])
        {
            await Storage.ApiKeys.TryAddAsync(NewKey(id) with { CreatedAt = At(second) }, Token);
        }

        await Storage.ApiKeys.RevokeAsync("b", At(4), Token);

        (await Storage.ApiKeys.ListAsync(Token)).Select(key => key.Id).ShouldBe(["c", "b", "a"]);
    }

    [Fact]
    public async Task A_revoked_key_keeps_the_time_of_its_first_revocation()
    {
        await Storage.ApiKeys.TryAddAsync(NewKey("a1"), Token);
        await Storage.ApiKeys.TryAddAsync(NewKey("a2"), Token);

        (await Storage.ApiKeys.RevokeAsync("a1", At(1), Token)).ShouldBeTrue();
        (await Storage.ApiKeys.RevokeAsync("a1", At(2), Token)).ShouldBeTrue();

        (await Storage.ApiKeys.FindAsync("a1", Token)).ShouldNotBeNull().RevokedAt.ShouldBe(At(1));
        (await Storage.ApiKeys.FindAsync("a2", Token)).ShouldNotBeNull().RevokedAt.ShouldBeNull();
    }

    private static ApiKeyRecord NewKey(string id) => new()
    {
        Id = id,
        Name = "ci",
        Owner = Alice.Id,
        Hash = new byte[] { 1, 2, 3, 0, 255 },
        CreatedAt = At(0),
    };
}
