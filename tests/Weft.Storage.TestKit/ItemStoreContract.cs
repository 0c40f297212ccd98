using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IItemStore"/> promises.</summary>
public abstract class ItemStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    private static readonly JsonElement SomeValue = JsonElement.Parse("""{"n":1}""");

    protected FakeTimeProvider Time { get; } = new(At(0));

    private IStore Store => Open(StoreOptions.Default);

    [Fact]
    public async Task An_item_is_found_as_it_was_put()
    {
        const string Value = """{"text":"Grüße 🙂","n":1.50,"deep":[{"a":null}]}""";
        await Store.PutAsync(
            ["users", "u1"], "prefs", JsonElement.Parse(Value), new ItemOptions { IndexedPaths = ["text", "deep[*].a"] }, Token);

        var item = (await Store.FindAsync(["users", "u1"], "prefs", cancellationToken: Token)).ShouldNotBeNull();

        item.Namespace.ShouldBe(["users", "u1"]);
        item.Key.ShouldBe("prefs");
        item.Value.GetRawText().ShouldBe(Value);
        (item.CreatedAt, item.UpdatedAt).ShouldBe((At(0), At(0)));
        (item.TimeToLive, item.ExpiresAt, item.Score).ShouldBe((null, null, null));
        item.IndexedPaths.ShouldBe(["text", "deep[*].a"]);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await PutAsync(["users", "u1"], "a");

        (await Store.FindAsync(["users", "u1"], "A", cancellationToken: Token)).ShouldBeNull();
        (await Store.FindAsync(["users"], "a", cancellationToken: Token)).ShouldBeNull();
        (await Store.FindAsync(["users", "u1", "x"], "a", cancellationToken: Token)).ShouldBeNull();
        (await Store.FindAsync(ItemNamespace.Root, "a", cancellationToken: Token)).ShouldBeNull();
    }

    [Fact]
    public async Task An_item_that_is_put_again_keeps_its_time_of_creation_and_nothing_else()
    {
        await Store.PutAsync(["n"], "k", SomeValue, new ItemOptions { TimeToLive = TimeSpan.FromHours(1), IndexedPaths = [] }, Token);
        Time.Advance(TimeSpan.FromMinutes(1));
        await PutAsync(["n"], "k", """{"other":2}""");

        var item = (await Store.FindAsync(["n"], "k", cancellationToken: Token)).ShouldNotBeNull();

        (item.Value.GetRawText(), item.CreatedAt, item.UpdatedAt).ShouldBe(("""{"other":2}""", At(0), At(60)));
        (item.TimeToLive, item.ExpiresAt, item.IndexedPaths).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var text = new string('x', 1_000_000);
        for (var i = 0; i < 14; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Store.PutAsync(
                ["n", $"{i % 2}"],
                $"{i:00}",
                JsonElement.Parse($$"""{"n":{{i}},"text":"{{text}}"}"""),
                new ItemOptions { TimeToLive = TimeSpan.FromHours(1) },
                Token);
        }

        ItemQuery[] queries =
        [
            new() { Limit = 12, Offset = 1, Refresh = true },
            new() { Limit = 12, Offset = 1, Filter = ItemFilter.Parse("""{"n":{"$gte":0}}"""), Refresh = true },
            new() { Limit = 12, Offset = 1, Where = (_, key) => key != "none", Refresh = true },
        ];
        foreach (var query in queries)
        {
            var found = await Store.SearchAsync(["n"], query, Token);
            found.Select(item => item.Key).ShouldBe(Enumerable.Range(1, 12).Select(i => $"{i:00}").Reverse());
            found.ShouldAllBe(item => item.ExpiresAt == Time.GetUtcNow() + TimeSpan.FromHours(1));
        }

        if (Store is not IPagedStore paged)
        {
            return;
        }

        var page = await paged.OpenSearchAsync(
            ["n"], new ItemQuery { Limit = 12, Filter = ItemFilter.Parse("""{"n":{"$gte":0}}"""), Refresh = true }, Token);
        page.Count.ShouldBe(12);
        page.First.Count.ShouldBe(4);
        await Store.DeleteAsync(["n", "0"], "06", Token);
        // This one may get the place of the deleted one.
        await Open(StoreOptions.Default, Bob).PutAsync(["n", "0"], "bobs", JsonElement.Parse("""{"n":1}"""), cancellationToken: Token);
        await PutAsync(["n", "1"], "05", """{"n":-1}""");
        Time.Advance(TimeSpan.FromMinutes(50));
        string[] expected = ["13", "12", "11", "10", "09", "08", "07", "04", "03", "02"];
        (await page.ReadAllAsync(Token)).Select(item => item.Key).ShouldBe(expected);
        Time.Advance(TimeSpan.FromMinutes(50));
        // The items that were read later have a new time to live; the others have expired.
        (await Store.SearchAsync(["n"], new ItemQuery { Limit = 20 }, Token)).Select(item => item.Key)
            .ShouldBe(["05", "09", "08", "07", "04", "03", "02"]);
    }

    [Fact]
    public async Task A_deleted_item_is_gone()
    {
        await PutAsync(["n"], "k");
        await PutAsync(["n"], "other");

        (await Store.DeleteAsync(["n"], "k", Token)).ShouldBeTrue();
        (await Store.DeleteAsync(["n"], "k", Token)).ShouldBeFalse();
        (await Store.DeleteAsync(["m"], "other", Token)).ShouldBeFalse();

        (await KeysAsync([])).ShouldBe(["other"]);
    }

    [Fact]
    public async Task A_namespace_has_labels_and_the_first_is_not_reserved()
    {
        foreach (var ns in new[] { ItemNamespace.Root, ["langgraph"], ["langgraph", "x"] })
        {
            (await Should.ThrowAsync<InvalidItemException>(async () => await PutAsync(ns, "k"))).Field.ShouldBe("namespace");
        }

        await PutAsync(["x", "langgraph"], "k");
        (await KeysAsync([])).ShouldBe(["k"]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public async Task A_value_is_an_object(string value)
    {
        (await Should.ThrowAsync<InvalidItemException>(async () => await PutAsync(["n"], "k", value))).Field.ShouldBe("value");
        (await KeysAsync([])).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_search_finds_what_is_below_its_labels_and_nothing_beside()
    {
        await PutAsync(["a"], "1");
        await PutAsync(["a", "b"], "2");
        await PutAsync(["a", "b", "c"], "3");
        await PutAsync(["ab"], "4");
        await PutAsync(["a-b"], "5");
        await PutAsync(["a/"], "6");
        await PutAsync(["\U0010FFFF"], "7");

        (await KeysAsync(["a"])).ShouldBe(["1", "2", "3"], ignoreOrder: true);
        (await KeysAsync(["a", "b"])).ShouldBe(["2", "3"], ignoreOrder: true);
        (await KeysAsync(["a", "*"])).ShouldBeEmpty();
        (await KeysAsync(["b"])).ShouldBeEmpty();
        (await KeysAsync([])).ShouldBe(["1", "2", "3", "4", "5", "6", "7"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_search_returns_pages_of_what_was_put_last_first()
    {
        foreach (var key in new[] { "a", "b", "c", "d", "a" })
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await PutAsync(["n"], key);
        }

        (await KeysAsync(["n"])).ShouldBe(["a", "d", "c", "b"]);
        (await KeysAsync(["n"], new ItemQuery { Limit = 2, Offset = 1 })).ShouldBe(["d", "c"]);
        (await KeysAsync(["n"], new ItemQuery { Offset = 4 })).ShouldBeEmpty();
        (await KeysAsync(["n"], new ItemQuery { Limit = 0 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Items_put_at_once_come_by_namespace_and_key()
    {
        await PutAsync(["m"], "b");
        await PutAsync(["n"], "a");
        await PutAsync(["m"], "a");

        (await Store.SearchAsync([], cancellationToken: Token))
            .Select(item => $"{item.Namespace}:{item.Key}")
            .ShouldBe(["m:a", "m:b", "n:a"]);
    }

    [Fact]
    public async Task A_search_without_a_query_returns_ten()
    {
        for (var i = 0; i < 12; i++)
        {
            await PutAsync(["n"], $"{i}");
        }

        (await KeysAsync(["n"])).Count.ShouldBe(10);
        (await KeysAsync(["n"], new ItemQuery { Filter = ItemFilter.Parse("{}") })).Count.ShouldBe(10);
        (await KeysAsync(["n"], new ItemQuery { Query = "in words" })).Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_filter_chooses_by_value_before_the_page_is_cut()
    {
        for (var i = 0; i < 20; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await PutAsync(
                ["n"],
                $"{i:00}",
                $$"""{"age":{{i}},"even":{{(i % 2 == 0 ? "true" : "false")}},"address":{"city":"{{(i < 10 ? "Rom" : "Bonn")}}"} }""");
        }

        async Task<List<string>> Find(string filter, int limit = 10, int offset = 0) =>
            await KeysAsync(["n"], new ItemQuery { Filter = ItemFilter.Parse(filter), Limit = limit, Offset = offset });

        (await Find("""{"even":true}""", 3)).ShouldBe(["18", "16", "14"]);
        (await Find("""{"even":true}""", 3, 8)).ShouldBe(["02", "00"]);
        (await Find("""{"age":{"$gte":3,"$lt":6}}""")).ShouldBe(["05", "04", "03"]);
        (await Find("""{"address":{"city":"Rom"},"age":{"$gt":7}}""")).ShouldBe(["09", "08"]);
        (await Find("""{"age":{"$lte":1,"$ne":0}}""")).ShouldBe(["01"]);
        (await Find("""{"age":3.0}""")).ShouldBe(["03"]);
        (await Find("""{"age":{"$eq":4}}""")).ShouldBe(["04"]);
        (await Find("""{"age":"4"}""")).ShouldBeEmpty();
        (await Find("""{"even":true}""", 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_condition_on_namespace_and_key_chooses_before_the_page_is_cut()
    {
        var minute = new ItemOptions { TimeToLive = TimeSpan.FromMinutes(1) };
        for (var i = 0; i < 20; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Store.PutAsync(["n", i % 2 == 0 ? "even" : "odd"], $"{i:00}", JsonElement.Parse($$"""{"n":{{i % 3}}}"""), minute, Token);
        }

        var even = new ItemQuery { Where = (ns, key) => ns.Contains("even") && key != "10", Limit = 3, Refresh = false };
        (await KeysAsync(["n"], even)).ShouldBe(["18", "16", "14"]);
        (await KeysAsync(["n"], even with { Offset = 3 })).ShouldBe(["12", "08", "06"]);
        (await KeysAsync(["n"], even with { Limit = 0 })).ShouldBeEmpty();
        (await KeysAsync([], even with { Offset = 7 })).ShouldBe(["02", "00"]);
        (await KeysAsync(["n", "odd"], even)).ShouldBeEmpty();
        (await KeysAsync(["n"], even with { Filter = ItemFilter.Parse("""{"n":0}""") })).ShouldBe(["18", "12", "06"]);

        // Only items that were returned live longer.
        Time.Advance(TimeSpan.FromSeconds(35));
        await KeysAsync(["n"], even with { Limit = 2, Refresh = true });
        Time.Advance(TimeSpan.FromSeconds(30));
        (await KeysAsync(["n"])).ShouldBe(["18", "16"]);
    }

    [Fact]
    public async Task An_item_is_as_if_absent_when_its_time_is_over()
    {
        await Store.PutAsync(["n"], "short", SomeValue, new ItemOptions { TimeToLive = TimeSpan.FromMinutes(1) }, Token);
        await PutAsync(["m"], "long");
        Time.Advance(TimeSpan.FromSeconds(59));
        (await KeysAsync([], new ItemQuery { Refresh = false })).ShouldBe(["long", "short"]);
        Time.Advance(TimeSpan.FromSeconds(1));

        (await Store.FindAsync(["n"], "short", cancellationToken: Token)).ShouldBeNull();
        (await KeysAsync([])).ShouldBe(["long"]);
        (await KeysAsync([], new ItemQuery { Filter = ItemFilter.Parse("""{"n":1}""") })).ShouldBe(["long"]);
        (await NamespacesAsync(NamespaceQuery.Default)).ShouldBe(["m"]);
        (await Store.DeleteAsync(["n"], "short", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Put_after_its_time_an_item_is_new()
    {
        await Store.PutAsync(["n"], "k", SomeValue, new ItemOptions { TimeToLive = TimeSpan.FromSeconds(5) }, Token);
        Time.Advance(TimeSpan.FromSeconds(5));
        await PutAsync(["n"], "k");

        (await Store.FindAsync(["n"], "k", cancellationToken: Token)).ShouldNotBeNull().CreatedAt.ShouldBe(At(5));
    }

    [Fact]
    public async Task Reading_begins_the_time_to_live_anew_unless_it_is_not_to()
    {
        var minute = new ItemOptions { TimeToLive = TimeSpan.FromMinutes(1) };
        foreach (var key in new[] { "found", "searched", "looked at", "left" })
        {
            await Store.PutAsync(["n"], key, SomeValue, minute, Token);
        }

        Time.Advance(TimeSpan.FromSeconds(40));
        (await Store.FindAsync(["n"], "found", cancellationToken: Token)).ShouldNotBeNull().ExpiresAt.ShouldBe(At(100));
        (await Store.SearchAsync(["n"], new ItemQuery { Limit = 1, Offset = 3 }, Token)).ShouldHaveSingleItem().Key.ShouldBe("searched");
        (await Store.FindAsync(["n"], "looked at", refresh: false, Token)).ShouldNotBeNull().ExpiresAt.ShouldBe(At(60));
        Time.Advance(TimeSpan.FromSeconds(40));

        (await KeysAsync([], new ItemQuery { Refresh = false })).ShouldBe(["found", "searched"]);
        (await Store.FindAsync(["n"], "found", refresh: false, Token)).ShouldNotBeNull().UpdatedAt.ShouldBe(At(0));
    }

    [Fact]
    public async Task A_store_says_how_long_items_live_and_whether_reading_refreshes_them()
    {
        var store = Open(new StoreOptions { TimeToLive = TimeSpan.FromMinutes(1), RefreshOnRead = false });
        await store.PutAsync(["n"], "usual", SomeValue, cancellationToken: Token);
        await store.PutAsync(["n"], "refreshed", SomeValue, cancellationToken: Token);
        await store.PutAsync(["n"], "hour", SomeValue, new ItemOptions { TimeToLive = TimeSpan.FromHours(1) }, Token);
        await store.PutAsync(["n"], "ever", SomeValue, new ItemOptions { TimeToLive = Timeout.InfiniteTimeSpan }, Token);
        Time.Advance(TimeSpan.FromSeconds(30));
        await store.FindAsync(["n"], "usual", cancellationToken: Token);
        await store.FindAsync(["n"], "refreshed", refresh: true, Token);
        Time.Advance(TimeSpan.FromSeconds(30));

        (await store.SearchAsync(["n"], cancellationToken: Token)).Select(item => item.Key).ShouldBe(["ever", "hour", "refreshed"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-60)]
    [InlineData(4e9)]
    public async Task A_time_to_live_is_a_time_to_come(double seconds) =>
        (await Should.ThrowAsync<InvalidItemException>(async () => await Store.PutAsync(["n"], "k", SomeValue, new ItemOptions { TimeToLive = TimeSpan.FromSeconds(seconds) }, Token)))
            .Field.ShouldBe("ttl");

    [Fact]
    public async Task Namespaces_are_listed_by_what_they_begin_and_end_with()
    {
        foreach (var ns in new ItemNamespace[] { ["users", "u1", "notes"], ["users", "u1", "prefs"], ["users", "u2", "notes"], ["users"], ["teams", "t1", "notes"], ["users2"] })
        {
            await PutAsync(ns, "a");
            await PutAsync(ns, "b");
        }

        (await NamespacesAsync(NamespaceQuery.Default))
            .ShouldBe(["teams.t1.notes", "users", "users.u1.notes", "users.u1.prefs", "users.u2.notes", "users2"]);
        (await NamespacesAsync(new NamespaceQuery { Prefix = ["users"] }))
            .ShouldBe(["users", "users.u1.notes", "users.u1.prefs", "users.u2.notes"]);
        (await NamespacesAsync(new NamespaceQuery { Suffix = ["notes"] })).ShouldBe(["teams.t1.notes", "users.u1.notes", "users.u2.notes"]);
        (await NamespacesAsync(new NamespaceQuery { Prefix = ["users", "*", "notes"] })).ShouldBe(["users.u1.notes", "users.u2.notes"]);
        (await NamespacesAsync(new NamespaceQuery { Where = ns => ns.Contains("u2") || ns.Contains("t1"), MaxDepth = 2, Offset = 1 }))
            .ShouldBe(["users.u2"]);
        (await NamespacesAsync(new NamespaceQuery { Prefix = ["*"], Suffix = ["*", "prefs"] })).ShouldBe(["users.u1.prefs"]);
        (await NamespacesAsync(new NamespaceQuery { Prefix = ["user"] })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Namespaces_are_shortened_and_then_cut_into_pages()
    {
        foreach (var ns in new ItemNamespace[] { ["a"], ["a", "x"], ["a", "y", "1"], ["a", "y", "2"], ["b", "z"] })
        {
            await PutAsync(ns, "k");
        }

        (await NamespacesAsync(new NamespaceQuery { MaxDepth = 2 })).ShouldBe(["a", "a.x", "a.y", "b.z"]);
        (await NamespacesAsync(new NamespaceQuery { MaxDepth = 1 })).ShouldBe(["a", "b"]);
        (await NamespacesAsync(new NamespaceQuery { MaxDepth = 2, Limit = 2, Offset = 1 })).ShouldBe(["a.x", "a.y"]);
        (await NamespacesAsync(new NamespaceQuery { Offset = 5 })).ShouldBeEmpty();
        (await NamespacesAsync(new NamespaceQuery { Limit = 0 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_actor_sees_only_its_own()
    {
        await PutAsync(["n"], "k", """{"of":"alice"}""");
        var bob = Storage.Items.Open(Bob, StoreOptions.Default, Time);
        (await bob.FindAsync(["n"], "k", cancellationToken: Token)).ShouldBeNull();
        (await bob.DeleteAsync(["n"], "k", Token)).ShouldBeFalse();
        await bob.PutAsync(["n"], "k", SomeValue, cancellationToken: Token);

        (await KeysAsync([])).ShouldBe(["k"]);
        (await bob.ListNamespacesAsync(cancellationToken: Token)).Count.ShouldBe(1);
        (await Store.FindAsync(["n"], "k", cancellationToken: Token)).ShouldNotBeNull().Value.GetRawText().ShouldBe("""{"of":"alice"}""");
    }

    [Fact]
    public async Task Values_of_types_go_in_and_out()
    {
        await Store.PutAsync(["n"], "k", new Preferences("de", 3), cancellationToken: Token);

        (await Store.FindValueAsync<Preferences>(["n"], "k", cancellationToken: Token)).ShouldBe(new Preferences("de", 3));
        (await Store.FindValueAsync<Preferences>(["n"], "other", cancellationToken: Token)).ShouldBeNull();
        (await Should.ThrowAsync<InvalidItemException>(async () => await Store.PutAsync(["n"], "k", 5, cancellationToken: Token)))
            .Field.ShouldBe("value");
    }

    protected async Task PutAsync(ItemNamespace ns, string key, string value = """{"n":1}""") =>
        await Store.PutAsync(ns, key, JsonElement.Parse(value), cancellationToken: Token);

    private IStore Open(StoreOptions options, Actor? actor = null) => Storage.Items.Open(actor ?? Alice, options, Time);

    private async Task<List<string>> KeysAsync(ItemNamespace prefix, ItemQuery? query = null) =>
        [.. (await Store.SearchAsync(prefix, query, Token)).Select(item => item.Key)];

    private async Task<List<string>> NamespacesAsync(NamespaceQuery query) =>
        [.. (await Store.ListNamespacesAsync(query, Token)).Select(ns => ns.ToString())];

    private sealed record Preferences(string Language, int Size);
}
