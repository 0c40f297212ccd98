using Orleans;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>The creation of a run, sent to the home of its thread.</summary>
[GenerateSerializer, Alias("weft.AdmitRequest"), Immutable]
internal sealed record AdmitRequest
{
    [Id(0)]
    public required string Actor { get; init; }

    /// <summary>What the actor sees, see <see cref="ActorJson"/>; null for all that it owns.</summary>
    [Id(1)]
    public string? Access { get; init; }

    [Id(2)]
    public required string ThreadId { get; init; }

    [Id(3)]
    public required Guid RunId { get; init; }

    /// <summary>Whether an earlier call may have created the run.</summary>
    [Id(4)]
    public bool IsRepeated { get; init; }

    [Id(5)]
    public required Guid AssistantId { get; init; }

    /// <summary>What the run does, in the form in which it is stored.</summary>
    [Id(6)]
    public required byte[] Kwargs { get; init; }

    [Id(7)]
    public required string Metadata { get; init; }

    [Id(8)]
    public string? Headers { get; init; }

    [Id(9)]
    public required MultitaskStrategy MultitaskStrategy { get; init; }

    [Id(10)]
    public bool CreatesThread { get; init; }

    [Id(11)]
    public TimeSpan? After { get; init; }

    [Id(12)]
    public string? RequestKey { get; init; }

    [Id(13)]
    public string? RequestHash { get; init; }

    [Id(14)]
    public Guid? CronId { get; init; }

    [Id(15)]
    public long CronVersion { get; init; }

    [Id(16)]
    public DateTimeOffset? CronNextAt { get; init; }

    /// <summary>Whether the thread is made for the run.</summary>
    [Id(17)]
    public bool IsStateless { get; init; }

    /// <summary>Whether the run is refused unless the server has runs of the thread.</summary>
    [Id(18)]
    public bool NeedsRuns { get; init; }

    /// <summary>Whether the answer has the end of the run if the run ends soon.</summary>
    [Id(19)]
    public bool IsAwaited { get; init; }

    /// <summary>See <see cref="RunSpec.Questions"/>.</summary>
    [Id(20)]
    public int Questions { get; init; }

    /// <summary>See <see cref="RunSpec.RunsSeen"/>.</summary>
    [Id(21)]
    public long RunsSeen { get; init; }

    /// <summary>See <see cref="RunSpec.TakesUnknownInput"/>.</summary>
    [Id(22)]
    public bool TakesUnknownInput { get; init; }

    public static AdmitRequest Of(Actor actor, RunSpec spec, ThreadId threadId, RunId runId, bool isRepeated) => new()
    {
        Actor = actor.Id,
        Access = ActorJson.Of(actor),
        ThreadId = threadId.Value,
        RunId = runId.Value,
        IsRepeated = isRepeated,
        AssistantId = spec.AssistantId.Value,
        Kwargs = RunKwargs.Write(spec),
        Metadata = spec.Metadata.GetRawText(),
        Headers = spec.Headers?.GetRawText(),
        MultitaskStrategy = spec.MultitaskStrategy,
        CreatesThread = spec.CreateThread,
        After = spec.After,
        RequestKey = spec.Request?.Key,
        RequestHash = spec.Request?.BodyHash,
        CronId = spec.Cron?.CronId.Value,
        CronVersion = spec.Cron?.Version ?? 0,
        CronNextAt = spec.Cron?.NextRunAt,
        IsStateless = spec.ThreadId is null,
        Questions = (int)spec.Questions,
        RunsSeen = spec.RunsSeen,
        TakesUnknownInput = spec.TakesUnknownInput,
    };

    public Actor ToActor() => ActorJson.Read(Actor, Access);

    /// <summary>Returns what the run does.</summary>
    public RunSpec ToSpec()
    {
        var threadId = new ThreadId(ThreadId);
        var read = RunKwargs.Read(new RunRecord
        {
            RunId = new RunId(RunId),
            ThreadId = threadId,
            AssistantId = new AssistantId(AssistantId),
            Kwargs = Kwargs,
            Metadata = Metadata,
            Headers = Headers,
            MultitaskStrategy = MultitaskStrategy,
            CreatedAt = default,
            UpdatedAt = default,
        });
        return read with
        {
            ThreadId = IsStateless ? null : threadId,
            CreateThread = CreatesThread,
            Questions = (QuestionRule)Questions,
            RunsSeen = RunsSeen,
            TakesUnknownInput = TakesUnknownInput,
            After = After,
            Request = RequestKey is { } key ? new RequestKey(IsStateless ? null : threadId, key, RequestHash!) : null,
            Cron = CronId is { } cron ? new CronStep(new CronId(cron), CronVersion, CronNextAt) : null,
        };
    }
}
