using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Runs.Tests.Items;

/// <summary>Items are embedded after they are stored, whatever happens to the generator, and searches rank them.</summary>
public sealed class ItemIndexTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_can_be_found_by_meaning_when_its_put_returns()
    {
        var generator = new WordGenerator();
        await using var runs = await StartAsync(generator);
        var store = runs.Items.For(RunsUnderTest.Me);
        await PutAsync(store, "pizza", """{"text":"i like pizza"}""");
        await PutAsync(store, "tea", """{"text":"green tea"}""");

        var found = await SearchAsync(store, "pizza or pasta");

        found.Select(item => item.Key).ShouldBe(["pizza", "tea"]);
        found[0].Score.ShouldNotBeNull().ShouldBeGreaterThan(found[1].Score.ShouldNotBeNull());
        (await store.SearchAsync(["n"], cancellationToken: Stop)).ShouldAllBe(item => item.Score == null);
        (await store.SearchAsync(["n"], new ItemQuery { Query = " " }, Stop)).ShouldAllBe(item => item.Score == null);
    }

    [Fact]
    public async Task Fields_of_the_put_win_over_those_of_the_namespace_and_those_over_the_rest()
    {
        var generator = new WordGenerator();
        await using var runs = await StartAsync(generator, options =>
        {
            options.Fields = ["title"];
            options.Namespaces["docs.*"] = ["body", "notes[*].text"];
            options.Namespaces["docs.secret"] = [];
            options.TextCharactersMax = 10;
        });
        var store = runs.Items.For(RunsUnderTest.Me);
        const string Value = """{"title":"t","body":"b","notes":[{"text":"n1"},{"text":"n2"}],"long":"0123456789abc"}""";
        async Task<IEnumerable<string>> EmbeddedAsync(ItemNamespace ns, params string[]? index)
        {
            var before = generator.Texts.Count;
            await store.PutAsync(ns, Guid.NewGuid().ToString(), JsonElement.Parse(Value), new ItemOptions { IndexedPaths = index }, Stop);
            return generator.Texts.Skip(before);
        }

        (await EmbeddedAsync(["other"], null)).ShouldBe(["t"]);
        (await EmbeddedAsync(["docs", "a", "b"], null)).ShouldBe(["b", "n1", "n2"]);
        (await EmbeddedAsync(["docs", "a"], "long", "missing")).ShouldBe(["0123456789"]);
        (await EmbeddedAsync(["docs", "a"], [])).ShouldBeEmpty();
        (await Should.ThrowAsync<InvalidItemException>(EmbeddedAsync(["n"], "a["))).Field.ShouldBe("index");
        (await store.SearchAsync(["n"], cancellationToken: Stop)).ShouldBeEmpty();
    }

    [Fact]
    public async Task While_the_generator_is_down_items_are_stored_and_embedded_later()
    {
        var generator = new WordGenerator { IsDown = true };
        await using var runs = await StartAsync(generator, options => options.PutWait = TimeSpan.Zero);
        var store = runs.Items.For(RunsUnderTest.Me);
        for (var i = 0; i < 5; i++)
        {
            await PutAsync(store, $"{i}", $$"""{"text":"word{{i}}"}""");
        }

        (await store.SearchAsync(["n"], cancellationToken: Stop)).Count.ShouldBe(5);
        (await Should.ThrowAsync<WeftException>(SearchAsync(store, "word3"))).Kind.ShouldBe(ProblemKind.Unavailable);
        generator.IsDown = false;

        await UntilAsync(runs, async () => (await SearchAsync(store, "word3")).All(item => item.Score is not null));
        (await SearchAsync(store, "word3"))[0].Key.ShouldBe("3");
    }

    [Fact]
    public async Task An_item_that_the_generator_refuses_does_not_hold_up_others_and_is_tried_again()
    {
        var generator = new WordGenerator { Refused = "poison" };
        await using var runs = await StartAsync(generator, options => options.PutWait = TimeSpan.Zero);
        var store = runs.Items.For(RunsUnderTest.Me);
        for (var i = 0; i < 6; i++)
        {
            await PutAsync(store, $"{i}", $$"""{"text":"{{(i == 2 ? "poison" : "word")}}{{i}}"}""");
        }

        await UntilAsync(runs, async () => (await SearchAsync(store, "word4")).Count(item => item.Score is not null) == 5);
        (await SearchAsync(store, "word4"))[^1].Key.ShouldBe("2");
        generator.Refused = null;

        await UntilAsync(runs, async () => (await SearchAsync(store, "word4")).All(item => item.Score is not null));
    }

    [Fact]
    public async Task A_single_item_is_tried_again_soon()
    {
        var generator = new WordGenerator { IsDown = true };
        await using var runs = await StartAsync(generator, options => options.PutWait = TimeSpan.Zero);
        var store = runs.Items.For(RunsUnderTest.Me);
        await PutAsync(store, "k", """{"text":"word"}""");
        await UntilAsync(runs, () => Task.FromResult(generator.Calls == 1));
        generator.IsDown = false;
        var down = runs.Time.GetUtcNow();

        await UntilAsync(runs, async () => (await SearchAsync(store, "word"))[0].Score is not null, TimeSpan.FromSeconds(1));

        (runs.Time.GetUtcNow() - down).ShouldBeLessThan(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_put_does_not_wait_longer_than_it_may()
    {
        var answer = new TaskCompletionSource();
        var generator = new WordGenerator { Answer = answer.Task };
        await using var runs = await StartAsync(generator, options => options.PutWait = TimeSpan.FromMilliseconds(50));
        var store = runs.Items.For(RunsUnderTest.Me);

        var put = PutAsync(store, "k", """{"text":"slow"}""");
        await UntilAsync(runs, () => Task.FromResult(put.IsCompleted), TimeSpan.FromMilliseconds(10));
        (await store.FindAsync(["n"], "k", cancellationToken: Stop)).ShouldNotBeNull();
        answer.SetResult();

        await UntilAsync(runs, async () => (await SearchAsync(store, "slow"))[0].Score is not null);
    }

    [Fact]
    public async Task What_was_not_embedded_when_the_server_ended_is_embedded_after_its_next_start_and_for_another_model_all()
    {
        var down = new WordGenerator { IsDown = true };
        var first = await StartAsync(down, options => options.PutWait = TimeSpan.Zero);
        await PutAsync(first.Items.For(RunsUnderTest.Me), "k", """{"text":"later"}""");
        await first.StopAsync();

        var generator = new WordGenerator();
        var second = await StartAsync(generator, before: first);
        await UntilAsync(second, async () => (await SearchAsync(second.Items.For(RunsUnderTest.Me), "later"))[0].Score is not null);
        await second.StopAsync();

        var other = new WordGenerator("other");
        await using var third = await StartAsync(other, before: second);
        await UntilAsync(third, async () => (await SearchAsync(third.Items.For(RunsUnderTest.Me), "later"))[0].Score is not null);
        other.Texts.ShouldContain("""{"text":"later"}""");
        generator.Texts.Count(text => text.Contains('{', StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Without_an_index_a_query_does_not_rank()
    {
        await using var runs = await RunsUnderTest.StartAsync();
        var store = runs.Items.For(RunsUnderTest.Me);
        await store.PutAsync(["n"], "k", GraphJson.EmptyObject, new ItemOptions { IndexedPaths = ["a["] }, Stop);

        (await SearchAsync(store, "text")).ShouldHaveSingleItem().Score.ShouldBeNull();
    }

    private static Task<RunsUnderTest> StartAsync(
        WordGenerator generator, Action<ItemIndexOptions>? configure = null, RunsUnderTest? before = null) =>
        RunsUnderTest.StartAsync(before: before, add: services => new WeftBuilder(services).UseItemIndex(configure, _ => generator));

    private static Task PutAsync(IStore store, string key, string value) =>
        store.PutAsync(["n"], key, JsonElement.Parse(value), cancellationToken: Stop);

    private static Task<IReadOnlyList<Item>> SearchAsync(IStore store, string text) =>
        store.SearchAsync(["n"], new ItemQuery { Query = text }, Stop);

    /// <summary>Lets time pass until a condition holds.</summary>
    private static async Task UntilAsync(RunsUnderTest runs, Func<Task<bool>> holds, TimeSpan? step = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Patience);
        while (!await holds())
        {
            runs.Time.Advance(step ?? TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }
}
