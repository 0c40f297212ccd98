using System.Text;
using CsCheck;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Writes in any order, compared with a model.</summary>
public abstract partial class CheckpointStoreContract
{
    /// <summary>
    /// Runs are created, started, released, finished and removed, and put checkpoints, messages, outcomes and events, between edits,
    /// prunes, copies and removals of their threads. Several sequences are written at the same time.
    /// </summary>
    [Fact]
    public async Task Writes_in_any_order_leave_what_a_model_in_memory_has() =>
        await Gen.Select(Gen.Int[0, 99], Gen.Int[0, 99], Gen.Int[0, 99]).Array[1, 80].SampleAsync(
            async steps =>
            {
                var writes = new RandomWrites(Storage);
                foreach (var (kind, first, second) in steps)
                {
                    await writes.WriteAsync(kind, first, second);
                }

                await writes.CheckAsync();
            },
            iter: 50);

    /// <summary>Makes the same writes in storage and in models, and compares their results.</summary>
    private sealed partial class RandomWrites(StorageUnderTest storage)
    {
        private static readonly string[] Namespaces = ["", "", "", "a", "b:1"];

        private readonly List<ThreadModel> _threads = [];
        private readonly List<ThreadId> _removed = [];
        private int _second;

        private DateTimeOffset Next => At(++_second);

        /// <summary>Makes a write of a kind. The other numbers choose the thread, and what of it is written.</summary>
        public Task WriteAsync(int kind, int first, int second)
        {
            if (_threads.Count == 0 || (kind < 4 && _threads.Count < 4))
            {
                return AddThreadAsync();
            }

            var thread = _threads[first % _threads.Count];
            var ns = Namespaces[second % Namespaces.Length];
            if (thread.Runs.Count == 0 || (kind < 12 && thread.Runs.Count(static one => !one.HasEnded) < 2))
            {
                return AddRunAsync(thread);
            }

            var run = thread.Runs.Find(static one => one.IsRunning) is { } running && second % 5 > 0
                ? running
                : thread.Runs[second % thread.Runs.Count];
            return kind switch
            {
                < 26 => StartAsync(thread, run, run.Attempt + (second % 9 == 0 ? 2 : 1)),
                < 54 => PutAsync(thread, run, ns, second),
                < 64 => PutOutcomeAsync(thread, run, ns, second),
                < 74 => AppendAsync(thread, run, second),
                < 84 => FinishAsync(thread, thread.Runs.Find(static one => !one.HasEnded) ?? run, second),
                < 86 => ReleaseAsync(thread, run),
                < 90 => DeleteRunAsync(thread, run, second),
                < 94 => EditAsync(thread, ns, second),
                < 96 => PruneAsync(thread, second),
                < 98 => CopyAsync(thread, second),
                _ => DeleteThreadAsync(thread),
            };
        }

        /// <summary>Compares all that storage has with the models.</summary>
        public async Task CheckAsync()
        {
            foreach (var thread in _threads)
            {
                var id = thread.Thread.ThreadId;
                (await storage.Checkpoints.ListHeadsAsync(id, Token)).ShouldBeSame(thread.Heads());
                foreach (var ns in Namespaces.Distinct())
                {
                    await CheckAsync(thread, ns);
                }

                foreach (var run in thread.Runs)
                {
                    await CheckAsync(thread, run);
                }

                var sizes = await storage.Checkpoints.MeasureAsync(id, static _ => { }, Token);
                var all = thread.Checkpoints.Values.SelectMany(static checkpoints => checkpoints).ToList();
                (sizes.Checkpoints, sizes.BodyBytes, sizes.Outcomes)
                    .ShouldBe((all.Count, all.Sum(static one => one.Record.Body.Length), all.Sum(static one => one.Outcomes.Count)));
                await CheckOrderAsync(thread);
            }

            ThreadId[] ids = [.. _threads.Select(static thread => thread.Thread.ThreadId), .. _removed];
            (await storage.Checkpoints.FindHeadsAsync(ids, Token)).Select(static head => (head.Checkpoint.ThreadId, head.Checkpoint.CheckpointId))
                .ShouldBe(_threads.SelectMany(static thread => thread.Visible("").TakeLast(1))
                    .Select(static head => (head.Record.ThreadId, head.Record.CheckpointId)), ignoreOrder: true);
            foreach (var removed in _removed)
            {
                (await storage.Checkpoints.ListHeadsAsync(removed, Token)).ShouldBeEmpty();
            }
        }

        private async Task CheckAsync(ThreadModel thread, string ns)
        {
            var id = thread.Thread.ThreadId;
            var page = await storage.Checkpoints.ReadAsync(id, ns, new CheckpointRange { Limit = 1_000 }, Token);
            page.Entries.Select(static entry => entry.Checkpoint).ShouldBeSame([.. thread.Visible(ns).Reverse()]);
            page.Entries.SelectMany(static entry => entry.Outcomes).Select(static one => (one.CheckpointId, one.TaskId, one.Body.Span[0]))
                .ShouldBe(thread.Visible(ns).Reverse()
                    .SelectMany(static one => one.Outcomes.Select(outcome => (one.Record.CheckpointId, outcome.Key, outcome.Value))));
            (await storage.Checkpoints.ListPlacesAsync(id, ns, IdOf(9_999), 0, 9_999, Token))
                .ShouldBe(thread.Of(ns).AsEnumerable().Reverse().Select(one => new CheckpointPlace(
                    one.Record.Ordinal,
                    one.Record.CheckpointId,
                    one.Record.ParentId,
                    thread.Find(ns, one.Record.ParentId)?.Record.Ordinal,
                    one.Record.RunId,
                    one.IsHidden,
                    one.Record.Body.Length)));
            if (thread.Visible(ns).LastOrDefault() is { Record: var head })
            {
                var from = head.Ordinal / 2;
                (await storage.Checkpoints.ReadRangeAsync(id, ns, head.CheckpointId, from, head.Ordinal, Token))
                    .Select(static body => (body.Ordinal, Encoding.UTF8.GetString(body.Body.Span)))
                    .ShouldBe(thread.Of(ns).Where(one => one.Record.Ordinal >= from)
                        .Select(static one => (one.Record.Ordinal, Encoding.UTF8.GetString(one.Record.Body.Span))));
            }
        }

        private async Task CheckAsync(ThreadModel thread, RunModel run)
        {
            var id = thread.Thread.ThreadId;
            static (long, string, DateTimeOffset) Comparable(MessageRecord message) =>
                (message.Seq, Encoding.UTF8.GetString(message.Content.Span), message.CreatedAt);
            (await storage.Messages.ListByRunAsync(id, run.Id, 1_000, null, null, Token)).Select(Comparable)
                .ShouldBe(thread.Messages.OfType<MessageRecord>().Where(message => message.RunId == run.Id).Select(Comparable));
            static (long, long, int, byte, DateTimeOffset) Parts(StreamBlock block) =>
                (block.FirstSeq, block.LastSeq, block.Format, block.Data.Span[1], block.CreatedAt);
            (await storage.StreamEvents.ReadAsync(new RunKey(id, run.Id), -1, 10_000, Token)).Select(Parts)
                .ShouldBe(run.Blocks.Select(Parts));
            (await storage.StreamEvents.FindLastSeqAsync(new RunKey(id, run.Id), Token)).ShouldBe(run.Blocks.LastOrDefault()?.LastSeq);
        }

        private async Task CheckOrderAsync(ThreadModel thread)
        {
            var found = new List<RunId>();
            for (var last = 0L; await storage.StreamEvents.FindNextRunAsync(thread.Thread.ThreadId, last, Token) is { } run; last = run.StartOrder)
            {
                found.Add(run.RunId);
            }

            found.ShouldBe(thread.Runs
                .Where((run, index) => run.StartOrder > 0 && (run.Blocks.Count > 0 || index >= thread.Runs.Count - 16))
                .OrderBy(static run => run.StartOrder)
                .Select(static run => run.Id));
        }
    }
}
