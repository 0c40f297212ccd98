using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Creates the options with which the engine executes a run.</summary>
internal sealed class RunGraphOptions(
    ItemsFacade items,
    AssistantDirectory assistants,
    ThreadClaims claims,
    RunsOptions options,
    NodeLogScope logScope,
    IServiceProvider services,
    SharedClock time)
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
            Configurable = WithSecrets(RunMetadata.Configurable(plan.Assistant, run.Spec, run.Record), plan.Assistant.GraphId),
            Context = run.Spec.Context,
            Metadata = RunMetadata.OfCheckpoints(run.Record, run.Attempt, run.Spec.Config, plan.Assistant),
            Actor = run.Record.Owner is { Length: > 0 } actor ? actor : null,
            Store = new RetryingStore(items.For(new Actor(run.Record.Owner)), run, time),
            Services = services,
            LogScope = logScope.Begin,
            Guard = guard,
            Usage = usage,
            Timeline = run.Timeline,
            DescribeError = options.ShowExceptionText ? null : error => RunFailure.WithoutText(error, run.RunId).Message,
            // A server that is alone lets its runs finish for a while, because nobody continues them at once.
            Leaves = claims.AreShared ? () => run.Session.IsStopping : null,
            IsMoving = () => run.CancelRequest is null && run.Session.IsStopping,
            Time = time,
        };
    }

    /// <summary>Adds what only nodes see. Nothing that is stored or streamed is made of the result.</summary>
    private JsonElement WithSecrets(JsonElement configurable, string graphId) =>
        assistants.FindGraph(graphId)?.Secrets is { } secrets ? ConfigMerge.Shallow(configurable, secrets())!.Value : configurable;
}
