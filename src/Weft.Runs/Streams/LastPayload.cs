using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The data of the last event of a run, with the status that it reports.</summary>
/// <param name="status">The final status.</param>
/// <param name="cancel">How the run was cancelled; null if it was not.</param>
/// <param name="utf8">The JSON.</param>
internal sealed class LastPayload(RunStatus status, CancelAction? cancel, byte[] utf8) : StreamPayload
{
    public RunStatus Status => status;

    public CancelAction? Cancel => cancel;

    protected override byte[] Encode() => utf8;
}
