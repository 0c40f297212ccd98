namespace Weft.Runs;

/// <summary>Where a thread is when a request comes.</summary>
/// <param name="LastSeq">As <see cref="RunsFacade.FindLastSeqAsync"/>.</param>
/// <param name="RunsSeen">As <see cref="RunSpec.RunsSeen"/>.</param>
internal readonly record struct ThreadPosition(long LastSeq, long RunsSeen);
