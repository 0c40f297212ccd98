using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IFeedbackStore"/> promises.</summary>
public abstract class FeedbackStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    private const int Max = 100;

    [Fact]
    public async Task Feedback_is_listed_as_it_was_given_in_order_also_after_the_store_was_closed()
    {
        var run = await AddRunAsync((await AddThreadAsync()).ThreadId);
        var rating = NewRating(run) with { MessageId = "m1", Comment = "Größe 🙂" };
        var score = NewScore(run, "'key'") with { Score = 0.25, Details = """{"value":{"a":[1]}}""" };
        var empty = NewScore(run, "empty") with { Score = null };
        foreach (var given in (FeedbackRecord[])[rating, score, empty])
        {
            (await Storage.Feedback.AddAsync(given, Max, Token)).ShouldBe(FeedbackAdded.Added);
        }

        await Storage.CloseAsync();

        (await Storage.Feedback.ListAsync(run.Key, Token)).ShouldBe([rating, score, empty]);
    }

    [Fact]
    public async Task Feedback_needs_its_run()
    {
        var run = await AddRunAsync((await AddThreadAsync()).ThreadId);
        foreach (var missing in (RunRecord[])[NewRun(run.ThreadId), run with { ThreadId = NewThreadId() }])
        {
            (await Storage.Feedback.AddAsync(NewRating(missing), Max, Token)).ShouldBe(FeedbackAdded.RunMissing);
            (await Storage.Feedback.PutAsync(NewRating(missing), Token)).ShouldBeNull();
            (await Storage.Feedback.ListAsync(missing.Key, Token)).ShouldBeEmpty();
            (await Storage.Feedback.DeleteRatingsAsync(missing.Key, Alice.Id, Token)).ShouldBe(0);
            (await Storage.Feedback.DeleteAsync(missing.Key, FeedbackId.New(TimeProvider.System), Token)).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_run_has_at_most_as_many_feedbacks_as_the_caller_says()
    {
        var run = await AddRunAsync((await AddThreadAsync()).ThreadId);
        var first = NewRating(run);
        (await Storage.Feedback.AddAsync(first, 2, Token)).ShouldBe(FeedbackAdded.Added);
        (await Storage.Feedback.AddAsync(NewRating(run), 2, Token)).ShouldBe(FeedbackAdded.Added);

        (await Storage.Feedback.AddAsync(NewRating(run), 2, Token)).ShouldBe(FeedbackAdded.TooMany);

        // The answer to the first one was lost.
        (await Storage.Feedback.AddAsync(first, 2, Token)).ShouldBe(FeedbackAdded.Added);
        (await Storage.Feedback.ListAsync(run.Key, Token)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Put_replaces_what_the_same_owner_gave_with_the_same_key_and_keeps_the_first_id()
    {
        var run = await AddRunAsync((await AddThreadAsync()).ThreadId);
        var others = (FeedbackRecord[])[NewRating(run) with { Owner = Bob.Id }, NewRating(run) with { Owner = "" }, NewScore(run, "k")];
        var own = (FeedbackRecord[])[NewRating(run), NewRating(run)];
        foreach (var given in (FeedbackRecord[])[.. others, .. own])
        {
            await Storage.Feedback.AddAsync(given, Max, Token);
        }

        var stored = await Storage.Feedback.PutAsync(NewRating(run) with { Score = -1, Comment = "no", CreatedAt = At(7) }, Token);

        stored.ShouldBe(own[0] with { Score = -1, Comment = "no", CreatedAt = At(7) });
        (await Storage.Feedback.ListAsync(run.Key, Token)).ShouldBe([.. others, stored!]);
        (await Storage.Feedback.PutAsync(NewScore(run, "k") with { Score = 3 }, Token)).ShouldBe(others[2] with { Score = 3 });
        (await Storage.Feedback.ListAsync(run.Key, Token)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Puts_at_once_leave_one()
    {
        var run = await AddRunAsync((await AddThreadAsync()).ThreadId);

        var stored = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => Task.Run(() => Storage.Feedback.PutAsync(NewRating(run) with { Score = i }, Token), Token)));

        var kept = (await Storage.Feedback.ListAsync(run.Key, Token)).ShouldHaveSingleItem();
        stored.ShouldAllBe(each => each!.FeedbackId == kept.FeedbackId);
    }

    [Fact]
    public async Task Ratings_are_deleted_by_their_owner_and_feedback_by_its_id()
    {
        var run = await AddRunAsync((await AddThreadAsync()).ThreadId);
        var other = await AddRunAsync(run.ThreadId);
        var (own, ofBob, score) = (NewRating(run), NewRating(run) with { Owner = Bob.Id }, NewScore(run, "k") with { Owner = Alice.Id });
        foreach (var given in (FeedbackRecord[])[own, NewRating(run), ofBob, score, NewRating(other)])
        {
            await Storage.Feedback.AddAsync(given, Max, Token);
        }

        (await Storage.Feedback.DeleteRatingsAsync(run.Key, Alice.Id, Token)).ShouldBe(2);
        (await Storage.Feedback.DeleteRatingsAsync(run.Key, Alice.Id, Token)).ShouldBe(0);
        (await Storage.Feedback.ListAsync(run.Key, Token)).ShouldBe([ofBob, score]);

        (await Storage.Feedback.DeleteAsync(other.Key, ofBob.FeedbackId, Token)).ShouldBeFalse();
        (await Storage.Feedback.DeleteAsync(run.Key, ofBob.FeedbackId, Token)).ShouldBeTrue();
        (await Storage.Feedback.DeleteAsync(run.Key, ofBob.FeedbackId, Token)).ShouldBeFalse();
        (await Storage.Feedback.ListAsync(run.Key, Token)).ShouldBe([score]);
        (await Storage.Feedback.ListAsync(other.Key, Token)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Feedback_is_removed_with_its_run_and_with_its_thread()
    {
        var (thread, second) = (await AddThreadAsync(), await AddThreadAsync());
        var (deleted, kept, temporary) =
            (await StartRunAsync(thread.ThreadId), await AddRunAsync(thread.ThreadId), await StartRunAsync(second.ThreadId));
        foreach (var run in (RunKey[])[deleted.Run, kept.Key, temporary.Run])
        {
            await Storage.Feedback.AddAsync(NewRating(run), Max, Token);
        }

        await Storage.Runs.DeleteAsync(deleted.Run, deleted.Attempt, null, null, At(2), Token);
        (await Storage.Feedback.ListAsync(deleted.Run, Token)).ShouldBeEmpty();
        (await Storage.Feedback.ListAsync(kept.Key, Token)).Count.ShouldBe(1);

        (await Storage.Runs.FinishAsync(Finish(temporary) with { DeleteThread = true }, Token)).ShouldBeTrue();
        (await Storage.Feedback.ListAsync(temporary.Run, Token)).ShouldBeEmpty();

        await Storage.Runs.DeleteAsync(kept.Key, null, null, null, At(3), Token);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Feedback.ListAsync(kept.Key, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_callers_get_the_same_secret_also_after_the_store_was_closed()
    {
        var secrets = await Task.WhenAll(
            Enumerable.Range(1, 20).Select(i => Task.Run(() => Storage.Feedback.GetSecretAsync(new byte[] { (byte)i, 0, 255 }, Token), Token)));
        await Storage.CloseAsync();
        var later = await Storage.Feedback.GetSecretAsync(new byte[] { 99 }, Token);

        secrets.ShouldAllBe(secret => secret.ToArray().SequenceEqual(later.ToArray()));
        later.Length.ShouldBe(3);
    }

    private static FeedbackRecord NewRating(RunRecord run) => NewRating(run.Key);

    private static FeedbackRecord NewRating(RunKey run) => new()
    {
        FeedbackId = FeedbackId.New(TimeProvider.System),
        ThreadId = run.ThreadId,
        RunId = run.RunId,
        Owner = Alice.Id,
        Score = 1,
        CreatedAt = At(1),
    };

    private static FeedbackRecord NewScore(RunRecord run, string key) => NewRating(run) with { Owner = "", Key = key };
}
