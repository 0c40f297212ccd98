using Weft.Runs;

namespace Weft.Storage.TestKit;

public abstract partial class CheckpointStoreContract
{
    [Fact]
    public async Task The_checkpoints_of_a_thread_are_measured_hidden_ones_too()
    {
        var (thread, other) = (await AddThreadAsync(), await AddThreadAsync());
        (await Storage.Checkpoints.MeasureAsync(thread.ThreadId, _ => throw new InvalidOperationException(), Token))
            .ShouldBe(new CheckpointSizes(0, 0, 0, 0, 0));
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1, attempt.RunId), [], Token);
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 2, null, 1), [], Token);
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 3, null, ns: "inner:1"), [], Token);
        await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(2), "task", new byte[] { 1, 2 }), Token);
        await EditAsync(other, NewCheckpoint(other.ThreadId, 4));

        var bodies = new List<byte>();
        var sizes = await Storage.Checkpoints.MeasureAsync(thread.ThreadId, body => bodies.Add(body[2]), Token);
        bodies.Sort();
        bodies.ShouldBe([1, 2, 3]);
        (sizes.Checkpoints, sizes.BodyBytes, sizes.Outcomes, sizes.OutcomeBytes).ShouldBe((3, 9, 1, 2));
        sizes.MetadataBytes.ShouldBeGreaterThan(0);

        await Storage.Runs.DeleteAsync(attempt.Run, attempt.Attempt, null, null, At(1), Token);
        // The first one is hidden, because the second one may refer to it.
        (await Storage.Checkpoints.MeasureAsync(thread.ThreadId, _ => { }, Token)).Checkpoints.ShouldBe(3);
        (await Storage.Checkpoints.MeasureAsync(NewThreadId(), _ => { }, Token)).ShouldBe(new CheckpointSizes(0, 0, 0, 0, 0));
    }
}
