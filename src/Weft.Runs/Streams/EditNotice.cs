namespace Weft.Runs;

/// <summary>A notice that a client has edited the state of a thread.</summary>
/// <param name="StartOrder">The run of the thread that started last before the edit; 0 if none is known.</param>
/// <param name="Address">The new checkpoint.</param>
internal readonly record struct EditNotice(long StartOrder, CheckpointAddress Address);
