using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IItemIndex"/> promises.</summary>
public abstract class ItemIndexContract(StorageUnderTest storage) : StoreContract(storage)
{
    private const string Space = "model/2";

    private FakeTimeProvider Time { get; } = new(At(0));

    [Fact]
    public async Task Items_are_ranked_by_their_most_similar_vector()
    {
        await PutAsync(Alice, ["n"], "east", [1, 0]);
        await PutAsync(Alice, ["n"], "north", [0, 1]);
        await PutAsync(Alice, ["n", "deep"], "west", [-1, 0]);
        await PutAsync(Alice, ["n"], "both", [-0.6f, 0.8f], [0.8f, 0.6f]);
        await PutAsync(Alice, ["other"], "outside", [1, 0]);

        var found = await SearchAsync([1, 0]);

        found.Select(item => item.Key).ShouldBe(["east", "both", "north", "west"]);
        found.Select(item => Math.Round(item.Score.ShouldNotBeNull(), 2)).ShouldBe([1, 0.8, 0, -1]);
        (await KeysAsync(Towards(0.9f), new ItemQuery { Limit = 2, Offset = 1 })).ShouldBe(["both", "east"]);
        (await KeysAsync(Towards(0.9f), new ItemQuery { Limit = 2, Offset = 3 })).ShouldBe(["west"]);
        (await KeysAsync(Towards(0.9f), new ItemQuery { Limit = 0 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var text = new string('x', 1_000_000);
        for (var i = 0; i < 10; i++)
        {
            await PutAsync(Alice, ["n"], $"{i}", $$"""{"n":{{i}},"text":"{{text}}"}""", i < 8 ? [Towards(i / 10f), Towards(1)] : []);
        }

        var page = await Storage.ItemIndex.OpenSearchAsync(
            Alice, StoreOptions.Default, Time, ["n"], new ItemQuery { Limit = 10 }, new ItemVector(Space, Towards(0)), Token);
        var whole = await SearchAsync(Towards(0), new ItemQuery { Limit = 10 });

        page.Count.ShouldBe(10);
        page.First.Count.ShouldBe(4);
        whole.Count.ShouldBe(10);
        whole.Take(8).Select(item => item.Key).ShouldBe(Enumerable.Range(0, 8).Select(i => $"{i}"));
        whole.Select(item => item.Score is null).ShouldBe(Enumerable.Range(0, 10).Select(i => i >= 8));
        (await page.ReadAllAsync(Token)).Select(item => (item.Key, item.Score)).ShouldBe(whole.Select(item => (item.Key, item.Score)));
    }

    [Fact]
    public async Task Conditions_choose_before_the_ranking()
    {
        for (var i = 0; i < 30; i++)
        {
            await PutAsync(Alice, ["n"], $"{i:00}", $$"""{"even":{{(i % 2 == 0 ? "true" : "false")}}}""", Towards(i / 30f));
        }

        var query = new ItemQuery { Filter = ItemFilter.Parse("""{"even":true}"""), Limit = 3, Offset = 1 };

        (await KeysAsync(Towards(0), query)).ShouldBe(["02", "04", "06"]);
        (await KeysAsync(Towards(1), query)).ShouldBe(["26", "24", "22"]);
        (await KeysAsync(Towards(1), query with { Filter = ItemFilter.Parse("""{"even":1}""") })).ShouldBeEmpty();
        (await KeysAsync(Towards(1), query with { Where = (ns, key) => ns.Contains("n") && key.EndsWith('4') })).ShouldBe(["14", "04"]);
    }

    [Fact]
    public async Task Items_without_vectors_come_last_and_without_a_score()
    {
        await PutAsync(Alice, ["n"], "far", [-1, 0]);
        await PutAsync(Alice, ["n"], "nothing to rank by");
        Time.Advance(TimeSpan.FromSeconds(1));
        await StoreOf(Alice).PutAsync(["n"], "not embedded", GraphJson.EmptyObject, cancellationToken: Token);

        var found = await SearchAsync([1, 0]);

        found.Select(item => item.Key).ShouldBe(["far", "not embedded", "nothing to rank by"]);
        found.Select(item => item.Score is null).ShouldBe([false, true, true]);
        (await KeysAsync([1, 0], new ItemQuery { Limit = 1, Offset = 2 })).ShouldBe(["nothing to rank by"]);
    }

    [Fact]
    public async Task Vectors_follow_every_change_of_their_item()
    {
        await PutAsync(Alice, ["n"], "a", [1, 0]);
        await PutAsync(Alice, ["n"], "b", [0.8f, 0.6f]);
        await PutAsync(Alice, ["n"], "c", [0, 1]);
        (await KeysAsync([1, 0])).ShouldBe(["a", "b", "c"]);

        await PutAsync(Alice, ["n"], "c", """{"v":2}""", [1, 0]);
        await PutAsync(Alice, ["n"], "a", """{"v":2}""", [-1, 0]);
        (await KeysAsync([1, 0])).ShouldBe(["c", "b", "a"]);

        await StoreOf(Alice).DeleteAsync(["n"], "c", Token);
        await StoreOf(Alice).PutAsync(["n"], "b", JsonElement.Parse("""{"v":3}"""), cancellationToken: Token);
        (await SearchAsync([1, 0])).Select(item => (item.Key, item.Score is null)).ShouldBe([("a", false), ("b", true)]);

        await StoreOf(Alice).PutAsync(["n"], "new", GraphJson.EmptyObject, cancellationToken: Token);
        (await SearchAsync([1, 0])).Single(item => item.Key == "new").Score.ShouldBeNull();
        await PutAsync(Alice, ["n"], "new", [1, 0]);
        (await KeysAsync([1, 0])).ShouldBe(["new", "a", "b"]);
    }

    [Fact]
    public async Task Random_changes_give_the_ranking_of_a_plain_sort()
    {
        var random = new Random(17);
        var vectors = new Dictionary<string, float[]>();
        for (var round = 0; round < 150; round++)
        {
            var key = $"{random.Next(40)}";
            if (random.Next(4) == 0)
            {
                vectors.Remove(key);
                await StoreOf(Alice).DeleteAsync(["n"], key, Token);
            }
            else
            {
                await PutAsync(Alice, ["n"], key, $$"""{"round":{{round}}}""", vectors[key] = Towards(random.NextSingle()));
            }

            var wanted = Towards(random.NextSingle());
            var found = await SearchAsync(wanted, new ItemQuery { Limit = 100 });
            found.Count.ShouldBe(vectors.Count);
            foreach (var (item, next) in found.Zip(found.Skip(1)))
            {
                item.Score.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(next.Score.ShouldNotBeNull());
            }

            foreach (var item in found)
            {
                var exact = (vectors[item.Key][0] * wanted[0]) + (vectors[item.Key][1] * wanted[1]);
                item.Score.ShouldNotBeNull().ShouldBe(exact, 0.001);
            }
        }
    }

    [Fact]
    public async Task An_entry_of_an_item_that_changed_meanwhile_is_ignored()
    {
        var before = await StoreAsync(Alice, ["n"], "k", """{"v":1}""");
        await StoreAsync(Alice, ["n"], "k", """{"v":2}""");
        var gone = await StoreAsync(Alice, ["n"], "gone", """{"v":1}""");
        await StoreOf(Alice).DeleteAsync(["n"], "gone", Token);

        await Storage.ItemIndex.AddAsync(Space, [Entry(Alice, before, [1, 0]), Entry(Alice, gone, [1, 0])], Token);

        (await SearchAsync([1, 0])).ShouldHaveSingleItem().Score.ShouldBeNull();
        (await UnindexedAsync()).ShouldBe(["k"]);
    }

    [Fact]
    public async Task Items_without_an_entry_of_the_space_are_listed_once_each()
    {
        for (var i = 0; i < 25; i++)
        {
            await StoreAsync(i % 2 == 0 ? Alice : Bob, ["n"], $"{i:00}", "{}");
        }

        await PutAsync(Bob, ["n"], "done", [1, 0]);
        await PutAsync(Alice, ["n"], "nothing");
        await StoreOf(Alice).PutAsync(["n"], "short", GraphJson.EmptyObject, new ItemOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Token);
        Time.Advance(TimeSpan.FromSeconds(2));

        (await UnindexedAsync()).ShouldBe(Enumerable.Range(0, 25).Select(i => $"{i:00}"));
        (await UnindexedAsync("other/2")).Count.ShouldBe(27);
        (await FindUnindexedAsync(Alice, "00")).ShouldNotBeNull().Value.GetRawText().ShouldBe("{}");
        (await FindUnindexedAsync(Bob, "00")).ShouldBeNull();
        (await FindUnindexedAsync(Bob, "done")).ShouldBeNull();
        (await FindUnindexedAsync(Alice, "short")).ShouldBeNull();
    }

    [Fact]
    public async Task A_value_that_is_put_again_keeps_its_entry_and_other_paths_do_not()
    {
        var item = await StoreAsync(Alice, ["n"], "k", """{"a":1}""");
        await Storage.ItemIndex.AddAsync(Space, [Entry(Alice, item, [1, 0])], Token);

        await StoreAsync(Alice, ["n"], "k", """{"a":1}""");
        (await UnindexedAsync()).ShouldBeEmpty();
        await StoreOf(Alice).PutAsync(["n"], "k", item.Value, new ItemOptions { IndexedPaths = ["a"] }, Token);
        (await UnindexedAsync()).ShouldBe(["k"]);
    }

    [Fact]
    public async Task Spaces_are_not_mixed_and_an_item_is_in_one()
    {
        await PutAsync(Alice, ["n"], "k", [1, 0]);
        var item = (await StoreOf(Alice).FindAsync(["n"], "k", cancellationToken: Token)).ShouldNotBeNull();

        (await SearchAsync([1, 0, 0], space: "larger/3")).ShouldHaveSingleItem().Score.ShouldBeNull();
        await Storage.ItemIndex.AddAsync("larger/3", [Entry(Alice, item, [1, 0, 0])], Token);

        (await SearchAsync([1, 0, 0], space: "larger/3")).ShouldHaveSingleItem().Score.ShouldBe(1);
        (await SearchAsync([1, 0])).ShouldHaveSingleItem().Score.ShouldBeNull();
        (await UnindexedAsync()).ShouldBe(["k"]);
    }

    [Fact]
    public async Task An_actor_finds_only_its_own_items()
    {
        await PutAsync(Alice, ["n"], "of alice", [1, 0]);
        await PutAsync(Bob, ["n"], "of bob", [1, 0]);

        (await KeysAsync([1, 0])).ShouldBe(["of alice"]);
        await StoreOf(Alice).DeleteAsync(["n"], "of alice", Token);
        await PutAsync(Bob, ["n"], "another of bob", [1, 0]);
        (await KeysAsync([1, 0])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Items_that_expired_are_not_found_and_a_search_restarts_their_time()
    {
        foreach (var key in new[] { "found", "left" })
        {
            await StoreOf(Alice).PutAsync(["n"], key, GraphJson.EmptyObject, new ItemOptions { TimeToLive = TimeSpan.FromMinutes(1) }, Token);
            var item = (await StoreOf(Alice).FindAsync(["n"], key, refresh: false, Token)).ShouldNotBeNull();
            await Storage.ItemIndex.AddAsync(Space, [Entry(Alice, item, key == "found" ? [1, 0] : [0, 1])], Token);
        }

        Time.Advance(TimeSpan.FromSeconds(40));
        (await KeysAsync([1, 0], new ItemQuery { Limit = 1 })).ShouldBe(["found"]);
        Time.Advance(TimeSpan.FromSeconds(40));

        (await KeysAsync([1, 0])).ShouldBe(["found"]);
        await Storage.Items.DeleteExpiredAsync(Time.GetUtcNow(), Token);
        (await KeysAsync([1, 0])).ShouldBe(["found"]);
    }

    [Fact]
    public async Task Vectors_outlive_the_server()
    {
        await PutAsync(Alice, ["n"], "a", [1, 0]);
        await PutAsync(Alice, ["n"], "b", [0, 1]);
        await Storage.CloseAsync();

        (await KeysAsync([0, 1])).ShouldBe(["b", "a"]);
        (await UnindexedAsync()).ShouldBeEmpty();
    }

    /// <summary>A vector that turns from east to north.</summary>
    private static float[] Towards(float turn) => [MathF.Cos(turn * MathF.PI / 2), MathF.Sin(turn * MathF.PI / 2)];

    private static ItemEntry Entry(Actor actor, Item item, params float[][] vectors) =>
        new(actor, item, [.. vectors.Select(vector => new ReadOnlyMemory<float>(vector))]);

    private IStore StoreOf(Actor actor) => Storage.Items.Open(actor, StoreOptions.Default, Time);

    private async Task<Item> StoreAsync(Actor actor, ItemNamespace ns, string key, string value)
    {
        await StoreOf(actor).PutAsync(ns, key, JsonElement.Parse(value), cancellationToken: Token);
        return (await StoreOf(actor).FindAsync(ns, key, refresh: false, Token)).ShouldNotBeNull();
    }

    private Task PutAsync(Actor actor, ItemNamespace ns, string key, params float[][] vectors) => PutAsync(actor, ns, key, "{}", vectors);

    private async Task PutAsync(Actor actor, ItemNamespace ns, string key, string value, params float[][] vectors) =>
        await Storage.ItemIndex.AddAsync(Space, [Entry(actor, await StoreAsync(actor, ns, key, value), vectors)], Token);

    private Task<IReadOnlyList<Item>> SearchAsync(float[] vector, ItemQuery? query = null, string space = Space) =>
        Storage.ItemIndex.SearchAsync(
            Alice, StoreOptions.Default, Time, space == Space ? ["n"] : [], query ?? ItemQuery.Default, new ItemVector(space, vector), Token);

    private async Task<List<string>> KeysAsync(float[] vector, ItemQuery? query = null) =>
        [.. (await SearchAsync(vector, query)).Select(item => item.Key)];

    private Task<Item?> FindUnindexedAsync(Actor actor, string key) =>
        Storage.ItemIndex.FindUnindexedAsync(Space, actor, ["n"], key, Time.GetUtcNow(), Token);

    private async Task<List<string>> UnindexedAsync(string space = Space)
    {
        var keys = new List<string>();
        for (long? position = 0; position is { } after;)
        {
            var page = await Storage.ItemIndex.ListUnindexedAsync(space, after, 10, Time.GetUtcNow(), Token);
            keys.AddRange(page.Items.Select(item => item.Item.Key));
            position = page.Next;
        }

        return keys;
    }
}
