namespace Weft.Runs;

/// <summary>A thread that has a pending or running run.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Since">When the first of these runs was created.</param>
public sealed record UnfinishedThread(ThreadId ThreadId, DateTimeOffset Since);
