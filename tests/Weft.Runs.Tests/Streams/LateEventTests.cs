using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Runs.Tests.Streams;

/// <summary>An attempt may store events until the next one has started, also while that one is being prepared.</summary>
public sealed class LateEventTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_an_earlier_attempt_stores_during_the_takeover_keeps_its_number()
    {
        LateStore? late = null;
        await using var runs = await RunsUnderTest.StartAsync(add: services =>
        {
            var stored = services.Single(service => service.ServiceType == typeof(IStreamEventStore));
            services.AddSingleton<IStreamEventStore>(provider => late = new LateStore(
                (IStreamEventStore)ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!)));
        });
        var thread = await runs.NewThreadAsync();
        var run = await runs.CreateAsync(thread, "hold", spec => spec with { StreamResumable = true });
        await runs.HoldOf("hold").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        await UntilAsync(
            async () => await late!.FindLastSeqAsync(run.Key, Stop) + 1 == runs.Streams.Find(run.RunId)!.NextSeq,
            "The first events were not stored.");
        late!.Append(new RunAttempt(run.ThreadId, run.RunId, 1));

        await runs.LoseAsync(run, stops: false);
        // A run behind it makes the server compare its runs with the stored ones now.
        var next = await runs.CreateAsync(thread, "next");
        await UntilAsync(() => ValueTask.FromResult(runs.Executing == 2), "The second attempt did not begin.");

        runs.HoldOf("hold").Released.SetResult();
        (await runs.EndAsync(next)).Status.ShouldBe(RunStatus.Success);
        (await runs.StatusAsync(run)).ShouldBe(RunStatus.Success);

        var events = (await runs.EventsAsync(run)).Select(text => text.Split(' ', 3)).ToList();
        var number = late.Number.ShouldNotBeNull();
        events.Select(parts => long.Parse(parts[0], CultureInfo.InvariantCulture)).ShouldBeUnique();
        events.Single(parts => parts[0] == $"{number}")[2].ShouldContain("\"attempt\":1");
        events.Where(parts => parts[1] == "metadata").Select(parts => parts[2].Contains("\"attempt\":2", StringComparison.Ordinal))
            .ShouldBe([false, false, true]);
    }

    private static async Task UntilAsync(Func<ValueTask<bool>> holds, string otherwise)
    {
        for (var i = 0; !await holds(); i++)
        {
            (i < 4000).ShouldBeTrue(otherwise);
            await Task.Delay(TimeSpan.FromMilliseconds(5), Stop);
        }
    }

    /// <summary>Appends one more event of an attempt, just after the number of its last one was read.</summary>
    private sealed class LateStore(IStreamEventStore store) : IStreamEventStore
    {
        private RunAttempt? _attempt;

        /// <summary>The number of that event.</summary>
        public long? Number { get; private set; }

        public void Append(RunAttempt attempt) => Volatile.Write(ref _attempt, attempt);

        public async Task<long?> FindLastSeqAsync(RunKey run, CancellationToken cancellationToken)
        {
            var last = await store.FindLastSeqAsync(run, cancellationToken);
            if (Interlocked.Exchange(ref _attempt, null) is { } attempt)
            {
                Number = (last ?? -1) + 1;
                var added = new RunEvent(Number.Value, new RunStartedPart(run.RunId, run.ThreadId, 1), DateTimeOffset.UnixEpoch);
                await store.AppendAsync(attempt, new BlockEncoder().Encode([added]), cancellationToken);
            }

            return last;
        }

        public Task AppendAsync(RunAttempt attempt, IReadOnlyList<StreamBlock> events, CancellationToken cancellationToken) =>
            store.AppendAsync(attempt, events, cancellationToken);

        public Task<IReadOnlyList<StreamBlock>> ReadAsync(RunKey run, long afterSeq, int limit, CancellationToken cancellationToken) =>
            store.ReadAsync(run, afterSeq, limit, cancellationToken);

        public Task<RunRecord?> FindNextRunAsync(ThreadId threadId, long startOrder, CancellationToken cancellationToken) =>
            store.FindNextRunAsync(threadId, startOrder, cancellationToken);

        public Task<int> DeleteFirstAsync(long bytesMax, CancellationToken cancellationToken) =>
            store.DeleteFirstAsync(bytesMax, cancellationToken);

        public Task<int> DeleteOldestAsync(long bytesMax, CancellationToken cancellationToken) =>
            store.DeleteOldestAsync(bytesMax, cancellationToken);

        public Task<int> DeleteEndedBeforeAsync(DateTimeOffset cutoff, CancellationToken cancellationToken) =>
            store.DeleteEndedBeforeAsync(cutoff, cancellationToken);
    }
}
