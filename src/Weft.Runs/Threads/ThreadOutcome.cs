namespace Weft.Runs;

/// <summary>The state of a thread after a run or an edit.</summary>
/// <param name="Status">The status (docs/protocol/threads.md C2).</param>
/// <param name="Interrupts">A JSON object: task id to the array of its pending interrupts.</param>
/// <param name="Error">The message of the failure, or null.</param>
/// <param name="StateChanged">Whether the head checkpoint may differ from before.</param>
/// <param name="Preview">The <see cref="ThreadRecord.Preview"/>; null if it stays as it is.</param>
public sealed record ThreadOutcome(
    ThreadStatus Status, string Interrupts = "{}", string? Error = null, bool StateChanged = true, string? Preview = null);
