using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Creates the options with which the engine executes a run.</summary>
internal sealed class RunGraphOptions(ItemsFacade items, RunsOptions options, IServiceProvider services, TimeProvider time)
{
    public GraphRunOptions Make(
        ActiveRun run,
        RunPlan plan,
        string? checkpointId,
        ThreadCheckpointer checkpointer,
        RunSink sink,
        StopGuard guard,
        UsageCounter usage)
    {
        return new GraphRunOptions
        {
            Checkpointer = checkpointer,
            CheckpointId = checkpointId,
            Durability = run.Spec.Durability,
            RecursionLimit = run.Spec.RecursionLimit,
            InterruptBefore = run.Spec.InterruptBefore,
            InterruptAfter = run.Spec.InterruptAfter,
            Modes = (run.Spec.RecordsAllModes ? StreamModes.Recorded : StreamModes.Parse(run.Spec.StreamModes))
                | (run.Spec.RecordsThreadEvents ? StreamModes.OfThreads : StreamMode.None),
            StreamSubgraphs = run.Spec.StreamSubgraphs,
            Tags = RunMetadata.Tags(run.Spec.Config),
            Sink = sink,
            ThreadId = run.ThreadId.Value,
            RunId = run.RunId.ToString(),
            Configurable = RunMetadata.Configurable(plan.Assistant, run.Spec, run.Record),
            Context = run.Spec.Context,
            Metadata = RunMetadata.OfCheckpoints(run.Record, run.Attempt, run.Spec.Config, plan.Assistant),
            Actor = run.Record.Owner is { Length: > 0 } actor ? actor : null,
            Store = new RetryingStore(items.For(new Actor(run.Record.Owner)), run, time),
            Services = services,
            Guard = guard,
            Usage = usage,
            DescribeError = options.ShowExceptionText ? null : error => RunFailure.WithoutText(error, run.RunId).Message,
            Time = time,
        };
    }
}
