using Weft.Graphs;

namespace Weft.Runs.Tests.Homes;

/// <summary>The newest states that a server of a cluster has in memory, while it has runs of their threads and after that.</summary>
public sealed class RememberedHeadTests
{
    private static readonly DateTimeOffset Created = DateTimeOffset.UnixEpoch.AddTicks(123_456_789);

    private readonly ThreadHeadCache _heads;

    public RememberedHeadTests()
    {
        var server = new ServerIdentity();
        server.Join(1);
        _heads = new ThreadHeadCache(new RunsOptions(), server);
    }

    [Fact]
    public void A_state_is_right_as_long_as_its_thread_has_the_version_of_the_last_end()
    {
        var head = RunHere(version: 7);

        _heads.TryGet(Thread(7).ThreadId, out _).ShouldBeFalse();
        _heads.IsCurrent(Thread(8)).ShouldBeFalse();
        _heads.IsCurrent(Thread(7) with { CreatedAt = Created.AddSeconds(1) }).ShouldBeFalse();
        // Storage keeps microseconds.
        _heads.IsCurrent(Thread(7) with { CreatedAt = Created.AddTicks(-9) }).ShouldBeTrue();

        _heads.Admit(Thread(7), isCurrent: true);
        _heads.TryGet(Thread(7).ThreadId, out var found).ShouldBeTrue();
        found.ShouldBeSameAs(head);
        // While it has runs here, storage is not asked.
        _heads.IsCurrent(Thread(7)).ShouldBeFalse();
    }

    [Fact]
    public void A_run_that_was_stored_at_another_version_reads_its_state()
    {
        RunHere(version: 7);
        var before = _heads.VersionOf(Thread(9).ThreadId);

        _heads.Admit(Thread(9), isCurrent: false);

        _heads.TryGet(Thread(9).ThreadId, out _).ShouldBeFalse();
        // What somebody has read before may be as old.
        _heads.PutRead(Thread(9).ThreadId, Head(3), before);
        _heads.TryGet(Thread(9).ThreadId, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_thread_that_was_taken_over_begins_without_a_state()
    {
        RunHere(version: 7);

        _heads.Keep(Thread(7).ThreadId, isKept: true);

        _heads.TryGet(Thread(7).ThreadId, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_state_of_an_unknown_version_is_forgotten()
    {
        RunHere(version: 0);
        _heads.IsCurrent(Thread(0)).ShouldBeFalse();

        _heads.Admit(Thread(1), isCurrent: false);
        _heads.PutWritten(Thread(1).ThreadId, Head(1), _heads.VersionOf(Thread(1).ThreadId));
        // The run ended without a version.
        _heads.Keep(Thread(1).ThreadId, isKept: false);
        _heads.Admit(Thread(1), isCurrent: true);
        _heads.TryGet(Thread(1).ThreadId, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_version_belongs_to_the_state_that_it_was_returned_for()
    {
        _heads.Admit(Thread(1), isCurrent: false);
        var first = Put(Head(1));
        Put(Head(2));

        _heads.Stamp(Thread(1).ThreadId, first, 5);

        _heads.Keep(Thread(1).ThreadId, isKept: false);
        _heads.IsCurrent(Thread(5)).ShouldBeFalse();
    }

    [Fact]
    public void A_server_that_is_alone_always_has_its_states()
    {
        var heads = new ThreadHeadCache(new RunsOptions());
        var threadId = Thread(1).ThreadId;
        heads.PutWritten(threadId, Head(1), heads.VersionOf(threadId));

        heads.Keep(threadId, isKept: true);
        heads.Stamp(threadId, Head(1), 0);
        heads.Keep(threadId, isKept: false);

        heads.TryGet(threadId, out _).ShouldBeTrue();
        heads.IsCurrent(Thread(1)).ShouldBeFalse();
    }

    /// <summary>A run begins here, stores a state, and ends. The thread then has the version.</summary>
    private ThreadHead RunHere(long version)
    {
        _heads.Admit(Thread(1), isCurrent: false);
        var head = Put(Head(1));
        _heads.Stamp(Thread(1).ThreadId, head, version);
        _heads.Keep(Thread(1).ThreadId, isKept: false);
        return head;
    }

    private ThreadHead Put(ThreadHead head)
    {
        _heads.PutWritten(Thread(1).ThreadId, head, _heads.VersionOf(Thread(1).ThreadId));
        return head;
    }

    private static ThreadRecord Thread(long version) => new()
    {
        ThreadId = new ThreadId("t"),
        Owner = "a",
        CreatedAt = Created,
        UpdatedAt = Created,
        Version = version,
    };

    private static ThreadHead Head(long ordinal)
    {
        var checkpoint = new Checkpoint
        {
            Id = $"{ordinal}",
            Step = 0,
            Source = CheckpointSource.Loop,
            CreatedAt = Created,
            Metadata = "{}",
            Values = new ChannelValues(ChannelSchema.AsStored, []),
        };
        return new ThreadHead(new CheckpointTuple(checkpoint, []), CheckpointCodec.Encode(checkpoint, ordinal, null).State, ordinal);
    }
}
