using System.Text.Json;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IAssistantStore"/> promises.</summary>
public abstract class AssistantStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    private IAssistantStore Assistants => Storage.Assistants;

    [Fact]
    public async Task An_assistant_is_read_as_it_was_added_also_after_a_restart()
    {
        var added = NewAssistant("räuber") with
        {
            Description = "robs",
            Config = Json("""{"tags":["a"]}"""),
            Context = Json("""{"b":1}"""),
        };

        (await Assistants.TryCreateAsync(added, Token)).ShouldBeTrue();
        await Storage.CloseAsync();

        ShouldBeSame((await Assistants.FindAsync(Alice, added.AssistantId, Token))!, added);
        (await Assistants.FindAsync(Alice, NewId(), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task An_id_is_taken_once_by_each_actor()
    {
        var first = NewAssistant("first");
        (await Assistants.TryCreateAsync(first, Token)).ShouldBeTrue();

        (await Assistants.TryCreateAsync(first with { Name = "second" }, Token)).ShouldBeFalse();
        (await Assistants.TryCreateAsync(first with { Name = "other", Owner = Bob.Id }, Token)).ShouldBeTrue();

        (await Assistants.FindAsync(Alice, first.AssistantId, Token))!.Name.ShouldBe("first");
        (await Assistants.FindAsync(Bob, first.AssistantId, Token))!.Name.ShouldBe("other");
        (await Assistants.DeleteAsync(Bob, first.AssistantId, Token)).ShouldBeTrue();
        (await Assistants.FindAsync(Alice, first.AssistantId, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_version_is_added_to_the_one_that_was_read()
    {
        var first = NewAssistant("one");
        await Assistants.TryCreateAsync(first, Token);
        var next = first with { Name = "two", UpdatedAt = At(2) };

        (await Assistants.TryAddVersionAsync(next, 1, Token)).ShouldBe(2);
        (await Assistants.TryAddVersionAsync(next with { Name = "late" }, 1, Token)).ShouldBeNull();
        (await Assistants.TryAddVersionAsync(next with { AssistantId = NewId() }, 1, Token)).ShouldBeNull();
        (await Assistants.TryAddVersionAsync(next with { Owner = Bob.Id }, 2, Token)).ShouldBeNull();

        var current = (await Assistants.FindAsync(Alice, first.AssistantId, Token))!;
        (current.Name, current.Version, current.CreatedAt, current.UpdatedAt).ShouldBe(("two", 2, At(0), At(2)));
    }

    [Fact]
    public async Task Versions_that_are_added_at_once_lose_none()
    {
        var first = NewAssistant("one");
        await Assistants.TryCreateAsync(first, Token);

        async Task AddAsync(int number)
        {
            int? version = null;
            while (version is null)
            {
                var current = (await Assistants.FindAsync(Alice, first.AssistantId, Token))!;
                version = await Assistants.TryAddVersionAsync(current with { Name = $"{number}" }, current.Version, Token);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => AddAsync(number), Token)));

        var versions = await Assistants.ListVersionsAsync(Alice, first.AssistantId, null, 99, 0, Token);
        versions.Select(version => version.Version).ShouldBe(Enumerable.Range(1, 21).Reverse());
        versions.SkipLast(1).Select(version => int.Parse(version.Name, null)).Order().ShouldBe(Enumerable.Range(0, 20));
    }

    [Fact]
    public async Task A_version_can_be_made_the_current_one_and_the_next_follows_the_newest()
    {
        var first = NewAssistant("one");
        await Assistants.TryCreateAsync(first, Token);
        await Assistants.TryAddVersionAsync(first with { Name = "two", UpdatedAt = At(2) }, 1, Token);

        var latest = (await Assistants.SetLatestAsync(Alice, first.AssistantId, 1, At(3), Token))!;

        (latest.Name, latest.Version, latest.UpdatedAt).ShouldBe(("one", 1, At(3)));
        (await Assistants.SetLatestAsync(Alice, first.AssistantId, 3, At(4), Token)).ShouldBeNull();
        (await Assistants.SetLatestAsync(Bob, first.AssistantId, 1, At(4), Token)).ShouldBeNull();
        (await Assistants.TryAddVersionAsync(first with { Name = "three", UpdatedAt = At(5) }, 1, Token)).ShouldBe(3);
        var versions = await Assistants.ListVersionsAsync(Alice, first.AssistantId, null, 9, 0, Token);
        versions.Select(version => (version.Name, version.Version, version.CreatedAt))
            .ShouldBe([("three", 3, At(5)), ("two", 2, At(2)), ("one", 1, At(0))]);
    }

    [Fact]
    public async Task A_version_that_the_scope_of_an_actor_does_not_show_can_not_be_made_the_current_one()
    {
        var first = NewAssistant("one") with { Metadata = Json("""{"owner":"ada"}""") };
        await Assistants.TryCreateAsync(first, Token);
        await Assistants.TryAddVersionAsync(first with { Metadata = Json("""{"owner":"bob"}""") }, 1, Token);
        await Assistants.TryAddVersionAsync(first with { Name = "three" }, 2, Token);
        var actor = Alice with { Scope = new ActorScope { Assistants = MetadataFilter.Equal("owner", "ada") } };

        (await Assistants.SetLatestAsync(actor, first.AssistantId, 2, At(4), Token)).ShouldBeNull();
        (await Assistants.SetLatestAsync(actor, first.AssistantId, 4, At(4), Token)).ShouldBeNull();
        (await Assistants.SetLatestAsync(Bob with { Scope = actor.Scope }, first.AssistantId, 1, At(4), Token)).ShouldBeNull();

        (await Assistants.FindAsync(Alice, first.AssistantId, Token))!.Version.ShouldBe(3);
        (await Assistants.SetLatestAsync(actor, first.AssistantId, 1, At(4), Token))!.Name.ShouldBe("one");
    }

    [Fact]
    public async Task Versions_are_listed_in_pages_and_by_metadata()
    {
        var first = NewAssistant("one");
        await Assistants.TryCreateAsync(first, Token);
        for (var i = 1; i < 5; i++)
        {
            var metadata = $$"""{"even":{{(i % 2 == 0 ? "true" : "false")}},"i":{{i}} }""";
            await Assistants.TryAddVersionAsync(first with { Metadata = Json(metadata) }, i, Token);
        }

        async Task<IEnumerable<int>> List(string? metadata, int limit, int offset) =>
            (await Assistants.ListVersionsAsync(Alice, first.AssistantId, metadata is null ? null : Json(metadata), limit, offset, Token))
            .Select(version => version.Version);

        (await List(null, 2, 1)).ShouldBe([4, 3]);
        (await List("""{"even":true}""", 9, 0)).ShouldBe([5, 3]);
        (await List("""{"even":true}""", 9, 1)).ShouldBe([3]);
        (await List("""{"even":1}""", 9, 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deleted_assistant_is_gone_with_its_versions()
    {
        var assistant = NewAssistant("one");
        await Assistants.TryCreateAsync(assistant, Token);
        await Assistants.TryAddVersionAsync(assistant, 1, Token);

        (await Assistants.DeleteAsync(Bob, assistant.AssistantId, Token)).ShouldBeFalse();
        (await Assistants.DeleteAsync(Alice, assistant.AssistantId, Token)).ShouldBeTrue();
        (await Assistants.DeleteAsync(Alice, assistant.AssistantId, Token)).ShouldBeFalse();

        (await Assistants.FindAsync(Alice, assistant.AssistantId, Token)).ShouldBeNull();
        (await Assistants.ListVersionsAsync(Alice, assistant.AssistantId, null, 9, 0, Token)).ShouldBeEmpty();
        (await Assistants.TryCreateAsync(assistant, Token)).ShouldBeTrue();
        (await Assistants.ListVersionsAsync(Alice, assistant.AssistantId, null, 9, 0, Token)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_search_has_conditions_an_order_and_pages()
    {
        var (b, a, c) = (NewAssistant("Beta", 1), NewAssistant("alpha", 2) with { GraphId = "other" }, NewAssistant("Beta", 3));
        foreach (var assistant in (AssistantRecord[])[b, a, c, NewAssistant("Beta") with { Owner = Bob.Id }])
        {
            await Assistants.TryCreateAsync(assistant, Token);
        }

        await Assistants.TryAddVersionAsync(a with { Metadata = Json("""{"team":{"x":1,"y":2}}"""), UpdatedAt = At(9) }, 1, Token);

        async Task<(string Found, int Total)> Search(AssistantQuery query)
        {
            var page = await Assistants.SearchAsync(Alice, query, Token);
            return (string.Concat(page.Items.Select(item => LetterOf(item.AssistantId))), page.Total);
        }

        (await Search(new AssistantQuery())).ShouldBe(("cab", 3));
        (await Search(new AssistantQuery { SortBy = AssistantSort.UpdatedAt })).ShouldBe(("acb", 3));
        (await Search(new AssistantQuery { SortBy = AssistantSort.Name, Descending = false })).ShouldBe(("bca", 3));
        (await Search(new AssistantQuery { SortBy = AssistantSort.GraphId, Descending = false })).ShouldBe(("bca", 3));
        (await Search(new AssistantQuery { Limit = 1, Offset = 1 })).ShouldBe(("a", 3));
        (await Search(new AssistantQuery { Limit = 0 })).ShouldBe(("", 3));
        (await Search(new AssistantQuery { Name = "ET" })).ShouldBe(("cb", 2));
        (await Search(new AssistantQuery { GraphId = "other" })).ShouldBe(("a", 1));
        (await Search(new AssistantQuery { Metadata = Json("""{"team":{"y":2}}""") })).ShouldBe(("a", 1));
        var ids = new[] { a, b, c }.Select(assistant => assistant.AssistantId).OrderBy(id => id.ToString(), StringComparer.Ordinal);
        (await Search(new AssistantQuery { SortBy = AssistantSort.AssistantId, Descending = false }))
            .ShouldBe((string.Concat(ids.Select(LetterOf)), 3));

        string LetterOf(AssistantId id) => id == a.AssistantId ? "a" : id == b.AssistantId ? "b" : "c";
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var added = new List<AssistantRecord>();
        for (var i = 0; i < 12; i++)
        {
            var assistant = NewAssistant($"name {i:00}", i) with
            {
                Config = Json($$$"""{"configurable":{"text":"{{{i}}} {{{new string('x', 1_000_000)}}}"}}"""),
                Metadata = Json("""{"owner":"ada"}"""),
            };
            (await Assistants.TryCreateAsync(assistant, Token)).ShouldBeTrue();
            added.Add(assistant);
        }

        var actor = Alice with { Scope = new ActorScope { Assistants = MetadataFilter.Equal("owner", "ada") } };
        var query = new AssistantQuery { Name = "NAME", SortBy = AssistantSort.Name, Descending = false, Limit = 10, Offset = 1 };
        var page = await Assistants.OpenSearchAsync(Alice, query, Token);
        var ofScope = await Assistants.OpenSearchAsync(actor, query, Token);
        // Of the rows that are read later, one is deleted, one does not match any more, one is not seen any more, and one is changed.
        await Assistants.DeleteAsync(Alice, added[6].AssistantId, Token);
        await Assistants.TryAddVersionAsync(added[7] with { Name = "other" }, 1, Token);
        await Assistants.TryAddVersionAsync(added[8] with { Metadata = Json("{}") }, 1, Token);
        await Assistants.TryAddVersionAsync(added[9] with { Description = "changed" }, 1, Token);
        // A database may give the key of the last assistant to the next one.
        await Assistants.DeleteAsync(Alice, added[11].AssistantId, Token);
        await Assistants.TryCreateAsync(NewAssistant("name 12", 20), Token);

        (page.Count, page.First.Count, page.Total).ShouldBe((10, 4, 12));
        var read = await page.ReadAllAsync(Token);
        read.Select(assistant => assistant.AssistantId).ShouldBe(IdsAt(1, 2, 3, 4, 5, 8, 9, 10));
        ShouldBeSame(read[4], added[5]);
        (read[6].Version, read[6].Description).ShouldBe((2, "changed"));
        (await ofScope.ReadAllAsync(Token)).Select(assistant => assistant.AssistantId).ShouldBe(IdsAt(1, 2, 3, 4, 5, 9, 10));

        IEnumerable<AssistantId> IdsAt(params int[] places) => places.Select(place => added[place].AssistantId);
    }

    [Fact]
    public async Task Versions_with_many_bytes_are_read_in_batches()
    {
        var first = NewAssistant("one");
        await Assistants.TryCreateAsync(first, Token);
        for (var i = 1; i < 10; i++)
        {
            var version = first with
            {
                Config = Json($$$"""{"configurable":{"text":"{{{i}}} {{{new string('x', 1_000_000)}}}"}}"""),
                Metadata = Json(i == 5 ? """{"owner":"bob"}""" : """{"owner":"ada"}"""),
                UpdatedAt = At(i),
            };
            (await Assistants.TryAddVersionAsync(version, i, Token)).ShouldBe(i + 1);
        }

        var actor = Alice with { Scope = new ActorScope { Assistants = MetadataFilter.Equal("owner", "ada") } };
        var page = await Assistants.OpenVersionsAsync(Alice, first.AssistantId, null, 8, 1, Token);
        var ofScope = await Assistants.OpenVersionsAsync(actor, first.AssistantId, null, 6, 1, Token);

        (page.Count, page.First.Count).ShouldBe((8, 4));
        var read = await page.ReadAllAsync(Token);
        read.Select(version => version.Version).ShouldBe([9, 8, 7, 6, 5, 4, 3, 2]);
        read.Select(version => version.CreatedAt).ShouldBe([.. Enumerable.Range(1, 8).Reverse().Select(i => At(i))]);
        read.ShouldAllBe(version => version.Config.GetRawText().StartsWith(
            $$$"""{"configurable":{"text":"{{{version.Version - 1}}} """, StringComparison.Ordinal));
        (await ofScope.ReadAllAsync(Token)).Select(version => version.Version).ShouldBe([9, 8, 7, 5, 4, 3]);
        // Versions that were not read before their assistant was deleted are missing.
        var others = await Assistants.OpenVersionsAsync(actor, first.AssistantId, Json("""{"owner":"ada"}"""), 8, 0, Token);
        await Assistants.DeleteAsync(Alice, first.AssistantId, Token);
        (await others.ReadAllAsync(Token)).Select(version => version.Version).ShouldBe([10, 9, 8, 7]);
    }

    private static void ShouldBeSame(AssistantRecord read, AssistantRecord added)
    {
        foreach (var (one, other) in new[] { (read.Config, added.Config), (read.Context, added.Context), (read.Metadata, added.Metadata) })
        {
            one.GetRawText().ShouldBe(other.GetRawText());
        }

        (read with { Config = added.Config, Context = added.Context, Metadata = added.Metadata }).ShouldBe(added);
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static AssistantId NewId() => new(Guid.NewGuid());

    protected static AssistantRecord NewAssistant(string name, int second = 0) => new()
    {
        AssistantId = NewId(),
        Owner = Alice.Id,
        GraphId = "graph",
        Name = name,
        Metadata = Json("{}"),
        CreatedAt = At(second),
        UpdatedAt = At(second),
    };
}
