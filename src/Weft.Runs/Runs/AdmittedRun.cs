namespace Weft.Runs;

/// <summary>The handle that the creator of a run gets whose input was evicted from memory.</summary>
/// <param name="record">The run as it was stored.</param>
/// <param name="run">The run.</param>
internal sealed class AdmittedRun(RunRecord record, ActiveRun run) : IRunHandle
{
    private readonly IRunHandle _run = run;

    public RunRecord Record { get; } = record;

    public Task<RunOutcome> Ended => _run.Ended;

    public ValueTask<RunStream> OpenStreamAsync(CancellationToken cancellationToken) => _run.OpenStreamAsync(cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> ReadTimelineAsync(CancellationToken cancellationToken) =>
        _run.ReadTimelineAsync(cancellationToken);
}
