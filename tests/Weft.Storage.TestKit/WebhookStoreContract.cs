using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IWebhookStore"/> promises, and <see cref="IRunStore"/> of runs that have a webhook.</summary>
public abstract class WebhookStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task A_delivery_is_stored_with_the_end_of_its_run_and_once()
    {
        var (attempt, webhook) = await StartAsync();
        var finish = Finish(attempt) with { Webhook = webhook };

        (await FindAsync(webhook)).ShouldBeNull();
        (await Storage.Runs.FinishAsync(finish, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(finish, Token)).ShouldBeTrue();

        var (found, attempts) = (await FindAsync(webhook)).ShouldNotBeNull();
        found.ShouldBeSame(webhook);
        attempts.ShouldBeEmpty();
        (await Storage.Webhooks.FindAsync(Bob, webhook.RunId, Token)).ShouldBeNull();
        (await Storage.Webhooks.FindAsync(Alice, RunId.New(TimeProvider.System), Token)).ShouldBeNull();
        (await Storage.Webhooks.ListReceiversAsync(Token)).ShouldBe([new WebhookReceiver("hooks.example", At(9))]);
    }

    [Fact]
    public async Task A_call_sees_deliveries_only_with_their_threads()
    {
        var (attempt, webhook) = await StartAsync();
        await Storage.Runs.FinishAsync(Finish(attempt) with { Webhook = webhook }, Token);
        foreach (var (filter, isSeen) in new[] { (MetadataFilter.All, true), (MetadataFilter.Equal("owner", "ada"), false) })
        {
            var actor = Alice with { Scope = new ActorScope { Threads = filter } };
            (await Storage.Webhooks.FindAsync(actor, webhook.RunId, Token)).HasValue.ShouldBe(isSeen);
            (await Storage.Webhooks.SearchAsync(actor, new WebhookQuery(), Token)).Count.ShouldBe(isSeen ? 1 : 0);
            (await Storage.Webhooks.SearchAsync(actor, new WebhookQuery { Status = WebhookStatus.Pending }, Token)).Count
                .ShouldBe(isSeen ? 1 : 0);
            (await Storage.Webhooks.ResendAsync(actor, webhook.RunId, At(20), Token)).ShouldBe(isSeen);
        }
    }

    [Fact]
    public async Task An_end_that_is_refused_stores_no_delivery()
    {
        var (attempt, webhook) = await StartAsync();

        (await Storage.Runs.FinishAsync(Finish(attempt) with { Attempt = 2, Webhook = webhook }, Token)).ShouldBeFalse();
        (await Storage.Runs.DeleteAsync(attempt.Run, 2, null, webhook, At(9), Token)).ShouldBe(WriteResult.Busy);

        (await FindAsync(webhook)).ShouldBeNull();
        (await Storage.Webhooks.ListReceiversAsync(Token)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pending_delivery_outlives_its_run_and_its_thread(bool rollsBack)
    {
        var (attempt, webhook) = await StartAsync();
        if (rollsBack)
        {
            (await Storage.Runs.DeleteAsync(attempt.Run, 1, null, webhook, At(9), Token)).ShouldBe(WriteResult.Applied);
        }
        else
        {
            await Storage.Runs.FinishAsync(Finish(attempt) with { DeleteThread = true, Webhook = webhook }, Token);
        }

        (await Storage.Runs.FindAsync(Alice, webhook.RunId, Token)).ShouldBeNull();
        (await ClaimAsync(10)).ShouldHaveSingleItem().Payload.ToArray().ShouldBe(webhook.Payload.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delivery_that_has_ended_is_removed_with_its_run_or_its_thread(bool ofThread)
    {
        var (attempt, webhook) = await StartAsync();
        await Storage.Runs.FinishAsync(Finish(attempt) with { Webhook = webhook }, Token);
        var pending = await AddAsync(change: other => other with { ThreadId = webhook.ThreadId });
        await ClaimAsync(10, 1);
        (await Storage.Webhooks.TryRecordAsync(webhook.RunId, Attempt(1, 204), WebhookStatus.Delivered, null, Token)).ShouldBeTrue();

        if (ofThread)
        {
            (await Storage.Threads.DeleteAsync(Alice, webhook.ThreadId, null, Token)).ShouldBe(WriteResult.Applied);
        }
        else
        {
            (await Storage.Runs.DeleteAsync(attempt.Run, null, null, null, At(20), Token)).ShouldBe(WriteResult.Applied);
        }

        (await FindAsync(webhook)).ShouldBeNull();
        (await FindAsync(pending)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Deliveries_are_claimed_for_each_receiver_the_longest_overdue_first()
    {
        var late = await AddAsync(change: webhook => webhook with { DueAt = At(12) });
        var early = await AddAsync(change: webhook => webhook with { DueAt = At(11), Owner = Bob.Id });
        var later = await AddAsync(change: webhook => webhook with { DueAt = At(13) });
        var future = await AddAsync(change: webhook => webhook with { DueAt = At(30) });
        var other = await AddAsync(change: webhook => webhook with { Receiver = "other.example", DueAt = At(10) });

        (await Storage.Webhooks.ListReceiversAsync(Token))
            .ShouldBe([new WebhookReceiver("hooks.example", At(11)), new WebhookReceiver("other.example", At(10))]);
        (await ClaimAsync(10)).ShouldBeEmpty();
        var claimed = await ClaimAsync(20, 2);
        claimed.Select(webhook => webhook.RunId).ShouldBe([early.RunId, late.RunId]);
        claimed[0].ShouldBeSame(early with { Attempts = 1, IsClaimed = true, DueAt = At(90) });
        (await ClaimAsync(20)).Select(webhook => webhook.RunId).ShouldBe([later.RunId]);
        (await ClaimAsync(20)).ShouldBeEmpty();
        (await ClaimAsync(20, receiver: "other.example")).Select(webhook => webhook.RunId).ShouldBe([other.RunId]);
        (await Storage.Webhooks.ListReceiversAsync(Token))
            .ShouldBe([new WebhookReceiver("hooks.example", At(30)), new WebhookReceiver("other.example", At(90))]);
        (await ClaimAsync(40)).Select(webhook => webhook.RunId).ShouldBe([future.RunId]);
    }

    [Fact]
    public async Task Results_are_stored_and_decide_when_the_next_attempt_is_due()
    {
        var webhook = await AddAsync();
        await ClaimAsync(10);

        var first = Attempt(1, null, "timeout");
        (await Storage.Webhooks.TryRecordAsync(webhook.RunId, first, WebhookStatus.Pending, At(50), Token)).ShouldBeTrue();
        (await Storage.Webhooks.TryRecordAsync(webhook.RunId, first, WebhookStatus.Pending, At(50), Token)).ShouldBeTrue();
        (await ClaimAsync(49)).ShouldBeEmpty();
        (await Find(webhook)).ShouldBeSame(webhook with { Attempts = 1, DueAt = At(50), LastAttempt = first });

        (await ClaimAsync(50)).ShouldHaveSingleItem().LastAttempt.ShouldBe(first);
        var second = Attempt(2, 204);
        (await Storage.Webhooks.TryRecordAsync(webhook.RunId, second, WebhookStatus.Delivered, null, Token)).ShouldBeTrue();

        var (found, attempts) = (await FindAsync(webhook)).ShouldNotBeNull();
        found.ShouldBeSame(webhook with
        {
            Status = WebhookStatus.Delivered,
            Attempts = 2,
            DueAt = null,
            EndedAt = second.StartedAt + second.Duration,
            LastAttempt = second,
        });
        attempts.ShouldBe([first, second]);
        (await ClaimAsync(1_000)).ShouldBeEmpty();
        (await Storage.Webhooks.ListReceiversAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attempt_without_a_result_is_lost_and_its_late_result_is_refused()
    {
        var webhook = await AddAsync();
        await ClaimAsync(10);

        (await ClaimAsync(89)).ShouldBeEmpty();
        (await ClaimAsync(90)).ShouldHaveSingleItem().Attempts.ShouldBe(2);

        (await Storage.Webhooks.TryRecordAsync(webhook.RunId, Attempt(1, 200), WebhookStatus.Delivered, null, Token)).ShouldBeFalse();
        (await Find(webhook)).Status.ShouldBe(WebhookStatus.Pending);
        (await Storage.Webhooks.TryRecordAsync(webhook.RunId, Attempt(2, 200), WebhookStatus.Delivered, null, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_the_newest_attempts_of_a_delivery_are_kept()
    {
        var webhook = await AddAsync();
        for (var number = 1; number <= 103; number++)
        {
            await ClaimAsync(10);
            await Storage.Webhooks.TryRecordAsync(webhook.RunId, Attempt(number, 500), WebhookStatus.Pending, At(10), Token);
        }

        var (_, attempts) = (await FindAsync(webhook)).ShouldNotBeNull();
        attempts.Select(attempt => attempt.Number).ShouldBe(Enumerable.Range(4, 100));
    }

    [Fact]
    public async Task A_delivery_is_repeated_by_its_owner_unless_it_is_being_called()
    {
        var webhook = await AddAsync();
        await ClaimAsync(10);
        (await Storage.Webhooks.ResendAsync(Alice, webhook.RunId, At(11), Token)).ShouldBeTrue();
        (await ClaimAsync(11)).ShouldBeEmpty();
        await Storage.Webhooks.TryRecordAsync(webhook.RunId, Attempt(1, 410), WebhookStatus.Failed, null, Token);

        (await Storage.Webhooks.ResendAsync(Bob, webhook.RunId, At(20), Token)).ShouldBeFalse();
        (await ClaimAsync(100)).ShouldBeEmpty();
        (await Storage.Webhooks.ResendAsync(Alice, webhook.RunId, At(20), Token)).ShouldBeTrue();
        (await Storage.Webhooks.ResendAsync(Alice, webhook.RunId, At(20), Token)).ShouldBeTrue();

        var claimed = (await ClaimAsync(20)).ShouldHaveSingleItem();
        (claimed.Status, claimed.Attempts, claimed.EarlierAttempts, claimed.SeriesAt, claimed.EndedAt)
            .ShouldBe((WebhookStatus.Pending, 2, 1, At(20), null));
    }

    [Fact]
    public async Task Deliveries_are_listed_by_owner_and_state_page_by_page()
    {
        var first = await AddAsync();
        var second = await AddAsync();
        await ClaimAsync(10);
        await Storage.Webhooks.TryRecordAsync(second.RunId, Attempt(1, 200), WebhookStatus.Delivered, null, Token);
        var third = await AddAsync();
        var others = await AddAsync(change: webhook => webhook with { Owner = Bob.Id });

        async Task<RunId[]> SearchAsync(WebhookQuery query) =>
            [.. (await Storage.Webhooks.SearchAsync(Alice, query, Token)).Select(webhook => webhook.RunId)];

        (await SearchAsync(new WebhookQuery())).ShouldBe([third.RunId, second.RunId, first.RunId]);
        (await SearchAsync(new WebhookQuery { Limit = 2 })).ShouldBe([third.RunId, second.RunId]);
        (await SearchAsync(new WebhookQuery { Limit = 2, After = second.RunId })).ShouldBe([first.RunId]);
        (await SearchAsync(new WebhookQuery { Status = WebhookStatus.Pending })).ShouldBe([third.RunId, first.RunId]);
        (await SearchAsync(new WebhookQuery { Status = WebhookStatus.Pending, After = third.RunId })).ShouldBe([first.RunId]);
        (await SearchAsync(new WebhookQuery { Status = WebhookStatus.Failed })).ShouldBeEmpty();
        (await SearchAsync(new WebhookQuery { After = others.RunId })).ShouldBeEmpty();
        var listed = (await Storage.Webhooks.SearchAsync(Alice, new WebhookQuery { Status = WebhookStatus.Delivered }, Token))
            .ShouldHaveSingleItem();
        listed.LastAttempt.ShouldBe(Attempt(1, 200));
        listed.Payload.Length.ShouldBe(0);
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var added = new List<WebhookRecord>();
        for (var i = 0; i < 10; i++)
        {
            added.Insert(0, await AddAsync(change: webhook => webhook with { Url = $"https://hooks.example/{new string('x', 1_000_000)}" }));
        }

        var query = new WebhookQuery { Status = WebhookStatus.Pending, After = added[0].RunId, Limit = 8 };
        var pages = new List<LazyPage<WebhookRecord>>();
        foreach (var scope in (ActorScope?[])[null, new ActorScope { Threads = MetadataFilter.All }])
        {
            pages.Add(await Storage.Webhooks.OpenSearchAsync(Alice with { Scope = scope }, query, Token));
        }

        // Of the rows that are read later, one does not match any more, and the thread of one is deleted.
        (await ClaimAsync(10, count: 5)).Count.ShouldBe(5);
        await Storage.Webhooks.TryRecordAsync(added[6].RunId, Attempt(1, 200), WebhookStatus.Delivered, null, Token);
        (await Storage.Threads.DeleteAsync(Alice, added[4].ThreadId, null, Token)).ShouldBe(WriteResult.Applied);

        pages.ShouldAllBe(page => page.Count == 8 && page.First.Count == 2);
        (await pages[0].ReadAllAsync(Token)).Select(webhook => webhook.RunId).ShouldBe(IdsAt(1, 2, 3, 4, 5, 7, 8));
        (await pages[1].ReadAllAsync(Token)).Select(webhook => webhook.RunId).ShouldBe(IdsAt(1, 2, 3, 5, 7, 8));

        IEnumerable<RunId> IdsAt(params int[] places) => places.Select(place => added[place].RunId);
    }

    [Fact]
    public async Task Deliveries_that_have_ended_are_removed_by_age_and_size()
    {
        var webhooks = new List<WebhookRecord>();
        for (var number = 1; number <= 4; number++)
        {
            var added = await AddAsync(change: webhook => webhook with { Payload = new byte[100] });
            webhooks.Add(added);
            await ClaimAsync(10);
            await Storage.Webhooks.TryRecordAsync(
                added.RunId, Attempt(1, 200) with { StartedAt = At(100 * number) }, WebhookStatus.Delivered, null, Token);
        }

        var pending = await AddAsync(change: webhook => webhook with { Payload = new byte[1_000] });

        async Task<int> KeptAsync()
        {
            var kept = 0;
            foreach (var webhook in webhooks)
            {
                kept += await FindAsync(webhook) is null ? 0 : 1;
            }

            return kept;
        }

        (await Storage.Webhooks.DeleteEndedAsync(At(150), 300, Token)).ShouldBe(1);
        (await KeptAsync()).ShouldBe(3);
        (await Storage.Webhooks.DeleteEndedAsync(At(150), 150, Token)).ShouldBe(2);
        (await FindAsync(webhooks[3])).ShouldNotBeNull();
        (await Storage.Webhooks.DeleteEndedAsync(At(1_000), long.MaxValue, Token)).ShouldBe(1);
        (await FindAsync(pending)).ShouldNotBeNull();
    }

    private static WebhookAttempt Attempt(int number, int? status, string? error = null) =>
        new(number, At(10 + number), TimeSpan.FromMilliseconds(1_234.5), status, error);

    private static WebhookRecord NewWebhook(RunKey run) => new()
    {
        RunId = run.RunId,
        ThreadId = run.ThreadId,
        Owner = Alice.Id,
        Url = "https://hooks.example/ended?a=1",
        Receiver = "hooks.example",
        Payload = Encoding.UTF8.GetBytes("""{"values":{"text":"ü"}}"""),
        DueAt = At(9),
        SeriesAt = At(9),
        CreatedAt = At(9),
    };

    private async Task<(RunAttempt Attempt, WebhookRecord Webhook)> StartAsync()
    {
        var attempt = await StartRunAsync((await AddThreadAsync()).ThreadId);
        return (attempt, NewWebhook(attempt.Run));
    }

    private async Task<WebhookRecord> AddAsync(Func<WebhookRecord, WebhookRecord>? change = null)
    {
        var (attempt, webhook) = await StartAsync();
        webhook = change is null ? webhook : change(webhook);
        (await Storage.Runs.FinishAsync(Finish(attempt) with { Webhook = webhook }, Token)).ShouldBeTrue();
        return webhook;
    }

    private Task<IReadOnlyList<WebhookRecord>> ClaimAsync(double second, int count = 9, string receiver = "hooks.example") =>
        Storage.Webhooks.ClaimAsync(
            new Dictionary<string, int> { [receiver] = count, ["unknown.example"] = 9 },
            At(second),
            At(second < 80 ? 90 : second + 80),
            Token);

    private Task<(WebhookRecord Webhook, IReadOnlyList<WebhookAttempt> Attempts)?> FindAsync(WebhookRecord webhook) =>
        Storage.Webhooks.FindAsync(new Actor(webhook.Owner), webhook.RunId, Token);

    private async Task<WebhookRecord> Find(WebhookRecord webhook) => (await FindAsync(webhook)).ShouldNotBeNull().Webhook;
}
