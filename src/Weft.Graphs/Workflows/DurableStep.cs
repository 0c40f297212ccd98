using System.Text.Json;

namespace Weft.Graphs;

/// <summary>One durable step of a node. It is run, streamed and stored like a task of its own.</summary>
internal sealed class DurableStep(
    string name, StepId id, SuperstepFrame frame, GraphRunOptions options, StreamEmitter stream, ITaskJournal? journal)
{
    private static readonly LazyJson NoInput = LazyJson.FromUtf8([.. "[]"u8]);

    /// <summary>Returns the result of an earlier run of the step; null if there is none.</summary>
    public JsonElement? Find()
    {
        if ((journal?.Find(id.Value) ?? journal?.Find(id.Older))?.Return is not { } known)
        {
            return null;
        }

        EmitStart();
        stream.Emit(new StepPart(name, LazyJson.FromJson(known), isCached: true));
        return known;
    }

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> run, StepOptions how, CancellationToken cancellationToken)
    {
        EmitStart();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run(cancellationToken);
            }
            catch (Exception error) when (RetryPolicy.TriesAgain(how.Retry, attempt, error, cancellationToken))
            {
                await Task.Delay(how.Retry!.WaitAfter(attempt), options.Time, cancellationToken);
            }
            catch (Exception error) when (error is not GraphInterruptException && !cancellationToken.IsCancellationRequested)
            {
                EmitResult(new TaskOutcome { TaskId = id.Value, Error = options.DescribeError?.Invoke(error) ?? error.Message });
                throw;
            }
        }
    }

    public async Task KeepAsync(JsonElement result)
    {
        var outcome = new TaskOutcome { TaskId = id.Value, Return = result };
        if (journal is not null)
        {
            await journal.KeepAsync(outcome);
        }

        stream.Emit(new StepPart(name, LazyJson.FromJson(result), isCached: false));
        EmitResult(outcome);
    }

    private void EmitStart()
    {
        if (stream.Wants(StreamMode.Tasks | StreamMode.Debug))
        {
            EmitTwice(new TaskStartPart(id.Value, name, NoInput, [PendingTask.PushTrigger]), DebugPart.Task);
        }
    }

    private void EmitResult(TaskOutcome outcome)
    {
        if (stream.Wants(StreamMode.Tasks | StreamMode.Debug))
        {
            EmitTwice(TaskResultPart.Of(name, outcome), DebugPart.TaskResult);
        }
    }

    private void EmitTwice(StreamPart part, string type)
    {
        stream.Emit(part);
        stream.Emit(new DebugPart(type, frame.Step, options.Time.GetUtcNow(), part));
    }
}
