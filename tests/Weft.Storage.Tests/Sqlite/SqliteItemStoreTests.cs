using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Tests;

public sealed class SqliteItemStoreTests() : ItemStoreContract(new SqliteUnderTest())
{
    [Fact]
    public async Task Items_outlive_the_server()
    {
        await PutAsync(["users", "u1"], "prefs", """{"lang":"de"}""");
        await Storage.CloseAsync();

        var found = await Storage.Items.Open(Alice, StoreOptions.Default, TimeProvider.System)
            .FindAsync(["users", "u1"], "prefs", cancellationToken: Token);

        found.ShouldNotBeNull().Value.GetRawText().ShouldBe("""{"lang":"de"}""");
    }

    [Fact]
    public async Task Items_whose_time_is_over_are_removed_from_the_file()
    {
        var minute = new ItemOptions { TimeToLive = TimeSpan.FromMinutes(1) };
        var (alice, bob) = (Open(Alice), Open(Bob));
        await Task.WhenAll(
            Enumerable.Range(0, 1100)
                .Select(i => (i % 2 == 0 ? alice : bob).PutAsync(["n"], $"{i}", GraphJson.EmptyObject, minute, Token)));
        await alice.PutAsync(["n"], "hour", GraphJson.EmptyObject, new ItemOptions { TimeToLive = TimeSpan.FromHours(1) }, Token);
        await alice.PutAsync(["n"], "ever", GraphJson.EmptyObject, cancellationToken: Token);

        (await Storage.Items.DeleteExpiredAsync(At(59), Token)).ShouldBe(0);
        (await Storage.Items.DeleteExpiredAsync(At(60), Token)).ShouldBe(1100);
        (await Storage.Items.DeleteExpiredAsync(At(60), Token)).ShouldBe(0);

        (await alice.SearchAsync(["n"], cancellationToken: Token)).Select(item => item.Key).ShouldBe(["ever", "hour"]);
    }

    private IStore Open(Actor actor) => Storage.Items.Open(actor, StoreOptions.Default, Time);
}
