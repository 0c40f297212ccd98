using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IRunStore"/> promises: here, when runs are added.</summary>
public abstract partial class RunStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task A_run_is_found_as_it_was_added()
    {
        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId) with
        {
            Kwargs = Encoding.UTF8.GetBytes(new string('ü', 20_000)),
            NotBefore = At(60),
            Error = "later",
        };

        (await Storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);

        (await FindAsync(run.RunId)).ShouldBeSame(run);
        (await Storage.Runs.FindAsync(Bob, run.RunId, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_run_makes_its_thread_busy_and_adds_to_its_metadata()
    {
        var thread = NewThread() with { Metadata = """{"a":1}""", StateUpdatedAt = At(0.5) };
        await Storage.Threads.TryCreateAsync(thread, Token);

        var change = new MetadataChange(thread.Metadata, """{"a":1,"graph_id":"g"}""");
        var creation = Creation(NewRun(thread.ThreadId, 3)) with { ThreadMetadata = change, GraphConfig = """{"tags":[]}""" };
        (await Storage.Runs.CreateAsync(creation with { ThreadMetadata = change with { From = "{}" } }, Token))
            .ShouldBe(RunCreated.ThreadChanged);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(
            thread with
            {
                Version = thread.Version + 1,
                Status = ThreadStatus.Busy,
                Metadata = change.To,
                GraphConfig = """{"tags":[]}""",
                UpdatedAt = At(3),
            });
    }

    [Fact]
    public async Task A_run_brings_its_thread_along_where_that_is_absent()
    {
        var thread = NewThread() with { Metadata = """{"a":1}""" };
        var creation = Creation(NewRun(thread.ThreadId, 3), thread) with { GraphConfig = """{"tags":[]}""" };

        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(
            thread with { Version = 1, Status = ThreadStatus.Busy, GraphConfig = """{"tags":[]}""", UpdatedAt = At(3) });
    }

    [Fact]
    public async Task A_run_that_brings_a_thread_along_which_exists_is_refused()
    {
        var thread = NewThread() with { Metadata = """{"a":1}""" };
        await Storage.Threads.TryCreateAsync(thread, Token);

        (await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId, 3), thread with { Metadata = """{"b":2}""", CreatedAt = At(3) }), Token))
            .ShouldBe(RunCreated.ThreadChanged);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_on_no_thread_or_on_that_of_another_is_refused()
    {
        var thread = await AddThreadAsync(Alice);
        var run = NewRun(thread.ThreadId);

        (await Storage.Runs.CreateAsync(Creation(run, actor: Bob), Token)).ShouldBe(RunCreated.ThreadMissing);
        (await Storage.Runs.CreateAsync(Creation(run, thread with { Owner = Bob.Id }, Bob), Token)).ShouldBe(RunCreated.ThreadMissing);
        (await Storage.Runs.CreateAsync(Creation(NewRun(NewThreadId())), Token)).ShouldBe(RunCreated.ThreadMissing);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Runs_are_added_together_or_not_at_all()
    {
        var (first, second, other) = (NewThread(), NewThread(), await AddThreadAsync(Bob));

        await Should.ThrowAsync<InvalidOperationException>(Storage.Runs.CreateAllAsync(
            [Creation(NewRun(first.ThreadId), first), Creation(NewRun(other.ThreadId), other with { Owner = Alice.Id })], Token));
        (await UnfinishedAsync()).ShouldBeEmpty();
        (await Storage.Threads.FindAsync(Alice, first.ThreadId, Token)).ShouldBeNull();

        await Storage.Runs.CreateAllAsync([Creation(NewRun(first.ThreadId), first), Creation(NewRun(second.ThreadId), second)], Token);
        (await UnfinishedAsync()).Select(run => run.ThreadId).ShouldBe([first.ThreadId, second.ThreadId], ignoreOrder: true);
    }

    [Fact]
    public async Task A_run_leaves_the_configuration_that_graphs_are_made_from_as_it_is_where_it_has_none()
    {
        var thread = await AddThreadAsync();
        await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId)) with { GraphConfig = """{"tags":[]}""" }, Token);

        await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId)), Token);
        await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId), thread), Token);

        var stored = (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!;
        stored.GraphConfig.ShouldBeJson("""{"tags":[]}""");
        stored.Config.ShouldBeJson(thread.Config);
    }

    [Fact]
    public async Task A_run_is_found_by_the_key_of_its_request_and_a_second_one_is_refused()
    {
        var (thread, other) = (await AddThreadAsync(), NewThread());
        var key = new RequestKey(thread.ThreadId, "k/ü", "hash");
        var creation = Creation(NewRun(thread.ThreadId)) with { Request = key };
        var stateless = Creation(NewRun(other.ThreadId), other) with { Request = key with { ThreadId = null } };
        (await Storage.Runs.FindRepeatedAsync(Alice, key, Token)).ShouldBeNull();

        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
        (await Storage.Runs.CreateAsync(creation with { Run = NewRun(thread.ThreadId) }, Token)).ShouldBe(RunCreated.Repeated);
        (await Storage.Runs.CreateAsync(stateless, Token)).ShouldBe(RunCreated.Created);
        var late = NewThread();
        (await Storage.Runs.CreateAsync(stateless with { Run = NewRun(late.ThreadId), NewThread = late }, Token))
            .ShouldBe(RunCreated.Repeated);

        var found = (await Storage.Runs.FindRepeatedAsync(Alice, key with { BodyHash = "other" }, Token)).ShouldNotBeNull();
        found.Run.ShouldBeSame(creation.Run);
        found.BodyHash.ShouldBe("hash");
        (await Storage.Runs.FindRepeatedAsync(Alice, stateless.Request, Token))!.Run.RunId.ShouldBe(stateless.Run.RunId);
        (await Storage.Runs.FindRepeatedAsync(Bob, key, Token)).ShouldBeNull();
        (await Storage.Runs.FindRepeatedAsync(Alice, key with { Key = "K/ü" }, Token)).ShouldBeNull();
        (await Storage.Threads.FindAsync(Alice, late.ThreadId, Token)).ShouldBeNull();
        (await UnfinishedAsync()).Count.ShouldBe(2);

        await Storage.Runs.DeleteAsync(creation.Run.Key, null, null, null, At(1), Token);
        (await Storage.Runs.FindRepeatedAsync(Alice, key, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Metadata_may_name_the_assistant()
    {
        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId);
        run = run with { Metadata = $$"""{"of":{"assistant_id":"{{run.AssistantId}}"},"assistant_id":"{{run.AssistantId}}"}""" };

        await Storage.Runs.CreateAsync(Creation(run), Token);

        (await Storage.Runs.FindAsync(Alice, run.RunId, Token))!.Metadata.ShouldBeJson(run.Metadata);
    }

    private async Task<RunRecord> FindAsync(RunId runId) => (await Storage.Runs.FindAsync(Alice, runId, Token)).ShouldNotBeNull();
}
