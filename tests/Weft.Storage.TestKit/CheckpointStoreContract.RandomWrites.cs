using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

public abstract partial class CheckpointStoreContract
{
    private sealed partial class RandomWrites
    {
        private async Task AddThreadAsync()
        {
            var thread = NewThread(second: ++_second);
            (await storage.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();
            _threads.Add(new ThreadModel(thread));
        }

        private async Task AddRunAsync(ThreadModel thread)
        {
            // With delays, which let runs start in any order.
            var run = NewRun(thread.Thread.ThreadId, ++_second) with { NotBefore = At(_second) };
            (await storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);
            thread.Runs.Add(new RunModel(run.RunId));
        }

        private async Task StartAsync(ThreadModel thread, RunModel run, int attempt)
        {
            var startOrder = await storage.Runs.TryStartAsync(new RunAttempt(thread.Thread.ThreadId, run.Id, attempt), Next, Token);
            startOrder.ShouldBe(thread.TryStart(run, attempt) ? run.StartOrder : null);
        }

        private async Task ReleaseAsync(ThreadModel thread, RunModel run)
        {
            (await storage.Runs.TryReleaseAsync(new RunAttempt(thread.Thread.ThreadId, run.Id, run.Attempt), null, Next, Token))
                .ShouldBe(run.IsRunning);
            run.IsRunning = false;
        }

        private async Task FinishAsync(ThreadModel thread, RunModel run, int choice)
        {
            var attempt = AttemptOf(thread, run, choice);
            int? given = run.IsRunning ? attempt.Attempt : null;
            var last = run.StartOrder > 0 && choice % 2 == 0 ? NextBlock(run, choice) : null;
            var finish = Finish(attempt) with { Attempt = given, Now = Next, StreamEvents = last is null ? [] : [last] };
            var isFinished = run.IsRunning ? given == run.Attempt : !run.HasEnded;
            (await storage.Runs.FinishAsync(finish, Token)).ShouldBe(isFinished);
            if (isFinished)
            {
                (run.IsRunning, run.HasEnded) = (false, true);
                run.Append(last);
            }
        }

        private async Task DeleteRunAsync(ThreadModel thread, RunModel run, int choice)
        {
            int? attempt = run.IsRunning && choice % 4 > 0 ? run.Attempt : null;
            var result = await storage.Runs.DeleteAsync(new RunKey(thread.Thread.ThreadId, run.Id), attempt, null, null, Next, Token);
            result.ShouldBe(run.IsRunning && attempt is null ? WriteResult.Busy : WriteResult.Applied);
            if (result == WriteResult.Applied)
            {
                thread.Remove(run);
            }
        }

        private async Task PutAsync(ThreadModel thread, RunModel run, string ns, int choice)
        {
            var (attempt, known) = (AttemptOf(thread, run, choice), thread.Of(ns));
            var checkpoint = choice % 10 == 9 && known.Count > 0 ? known[^1].Record : Made(thread, ns, choice) with { RunId = run.Id };
            MessageRecord[] messages = [.. MessagesOf(thread, run, checkpoint).Take(choice % 4)];
            var (isOwned, isNew) = (run.IsRunning && attempt.Attempt == run.Attempt, thread.Find(ns, checkpoint.CheckpointId) is null);
            await ShouldBeAsync(
                storage.Checkpoints.PutAsync(attempt, checkpoint, messages, Token), isOwned, () => thread.TryAdd([checkpoint]));
            if (isOwned && isNew && thread.Find(ns, checkpoint.CheckpointId) is not null)
            {
                var last = thread.Messages.Count;
                thread.Messages.AddRange(messages.Select((message, i) => message with { Seq = last + i + 1 }));
            }
        }

        private async Task PutOutcomeAsync(ThreadModel thread, RunModel run, string ns, int choice)
        {
            var (attempt, known) = (AttemptOf(thread, run, choice), thread.Of(ns));
            var checkpoint = known.Count == 0 || choice % 7 == 6 ? null : known[choice % known.Count];
            var outcome = new TaskOutcomeRecord(
                ns, checkpoint?.Record.CheckpointId ?? IdOf(8_888), $"t{choice % 3}", new byte[] { (byte)choice });
            await ShouldBeAsync(
                storage.Checkpoints.PutOutcomeAsync(attempt, outcome, Token),
                run.IsRunning && attempt.Attempt == run.Attempt,
                () => checkpoint is not null);
            if (checkpoint is not null && run.IsRunning && attempt.Attempt == run.Attempt)
            {
                checkpoint.Outcomes[outcome.TaskId] = (byte)choice;
            }
        }

        private async Task AppendAsync(ThreadModel thread, RunModel run, int choice)
        {
            var attempt = AttemptOf(thread, run, choice);
            var block = NextBlock(run, choice);
            await ShouldBeAsync(
                storage.StreamEvents.AppendAsync(attempt, [block], Token), run.IsRunning && attempt.Attempt == run.Attempt, static () => true);
            if (run.IsRunning && attempt.Attempt == run.Attempt)
            {
                run.Append(block);
            }
        }

        private async Task EditAsync(ThreadModel thread, string ns, int choice)
        {
            var first = Made(thread, ns, choice) with { Source = "update" };
            var second = NewCheckpoint(thread.Thread.ThreadId, (int)first.Ordinal + 1, parent: (int)first.Ordinal, ns: ns);
            var edit = new ThreadEdit
            {
                ThreadId = thread.Thread.ThreadId,
                Version = await VersionOfAsync(thread, choice),
                Checkpoints = choice % 2 == 0 ? [first] : [first, second],
                Now = Next,
            };
            if (!thread.IsBusy && choice % 8 > 0 && !thread.TryAdd(edit.Checkpoints))
            {
                await Should.ThrowAsync<CheckpointMissingException>(storage.Checkpoints.ApplyEditAsync(edit, Token));
                return;
            }

            (await storage.Checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(ResultOf(thread, choice));
        }

        private async Task PruneAsync(ThreadModel thread, int choice)
        {
            CheckpointRecord[] kept = [.. thread.Heads().Select(static (head, i) => head.Record with { Body = new byte[] { 9, (byte)i } })];
            var result = await storage.Checkpoints.PruneAsync(thread.Thread.ThreadId, await VersionOfAsync(thread, choice), kept, Token);
            result.ShouldBe(ResultOf(thread, choice));
            if (result == WriteResult.Applied)
            {
                thread.PruneTo(kept);
            }
        }

        private async Task CopyAsync(ThreadModel thread, int choice)
        {
            var copied = NewThread(second: ++_second);
            var copy = new ThreadCopy
            {
                Actor = Alice,
                ThreadId = thread.Thread.ThreadId,
                CopyId = copied.ThreadId,
                Version = await VersionOfAsync(thread, choice),
                HeadId = thread.Visible("").LastOrDefault() is { } head ? head.Record.CheckpointId : null,
                Now = At(_second),
            };
            (await storage.Threads.CopyAsync(copy, Token)).ShouldBe(choice % 8 > 0 ? WriteResult.Applied : WriteResult.Changed);
            if (choice % 8 > 0)
            {
                _threads.Add(thread.Copy(copied));
            }
        }

        private async Task DeleteThreadAsync(ThreadModel thread)
        {
            var result = await storage.Threads.DeleteAsync(Alice, thread.Thread.ThreadId, null, Token);
            result.ShouldBe(thread.IsBusy ? WriteResult.Busy : WriteResult.Applied);
            if (result == WriteResult.Applied)
            {
                _threads.Remove(thread);
                _removed.Add(thread.Thread.ThreadId);
            }
        }

        private static async Task ShouldBeAsync(Task written, bool isOwned, Func<bool> add)
        {
            if (!isOwned)
            {
                await Should.ThrowAsync<StaleAttemptException>(written);
            }
            else if (add())
            {
                await written;
            }
            else
            {
                await Should.ThrowAsync<CheckpointMissingException>(written);
            }
        }

        /// <summary>The attempt of the run; now and then the one before.</summary>
        private static RunAttempt AttemptOf(ThreadModel thread, RunModel run, int choice) =>
            new(thread.Thread.ThreadId, run.Id, Math.Max(1, run.Attempt - (choice % 11 == 10 ? 1 : 0)));

        /// <summary>The version of the thread; now and then another one.</summary>
        private async Task<long> VersionOfAsync(ThreadModel thread, int choice) =>
            (await storage.Threads.FindAsync(Alice, thread.Thread.ThreadId, Token))!.Version + (choice % 8 == 0 ? 1 : 0);

        private static WriteResult ResultOf(ThreadModel thread, int choice) =>
            thread.IsBusy ? WriteResult.Busy : choice % 8 == 0 ? WriteResult.Changed : WriteResult.Applied;

        /// <summary>The next checkpoint of a namespace, on any branch; now and then one whose parent is missing.</summary>
        private static CheckpointRecord Made(ThreadModel thread, string ns, int choice)
        {
            var known = thread.Of(ns);
            var number = (int)(known.LastOrDefault()?.Record.Ordinal ?? 0) + 1;
            int? parent = choice % 13 == 12 ? 7_777 : known.Count == 0 ? null : (int)known[known.Count * choice / 100].Record.Ordinal;
            return NewCheckpoint(thread.Thread.ThreadId, number, parent: parent, ns: ns) with
            {
                Metadata = $$"""{"source":"loop","step":{{number}},"note":{{choice % 3}}}""",
                Body = Encoding.UTF8.GetBytes($"[\"{new string('é', choice)}\",{number}]"),
            };
        }

        /// <summary>Messages that the checkpoint's body has, the parent's body has, and neither has.</summary>
        private static IEnumerable<MessageRecord> MessagesOf(ThreadModel thread, RunModel run, CheckpointRecord checkpoint)
        {
            var own = checkpoint.Body[1..^1];
            yield return OfBody(checkpoint.CheckpointId, 1, own);
            if (thread.Find(checkpoint.Namespace, checkpoint.ParentId) is { Record: { Body.Length: > 2 } parent })
            {
                yield return OfBody(parent.CheckpointId, 2, parent.Body[2..]);
            }

            yield return NewMessage(run.Id, "\"elsewhere\"");

            MessageRecord OfBody(CheckpointId id, int start, ReadOnlyMemory<byte> content) =>
                NewMessage(run.Id, Encoding.UTF8.GetString(content.Span)) with { Place = new ContentPlace(id, start) };
        }

        /// <summary>The block that follows, or the last one with more events.</summary>
        private static StreamBlock NextBlock(RunModel run, int choice)
        {
            var last = run.Blocks.LastOrDefault();
            return last is not null && choice % 3 == 0
                ? NewStreamBlock(last.FirstSeq, last.LastSeq + 1)
                : NewStreamBlock((last?.LastSeq ?? -1) + 1, (last?.LastSeq ?? -1) + 1 + (choice % 4));
        }
    }
}
