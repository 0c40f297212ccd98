namespace Weft.Runs;

/// <summary>
/// A key by which a client repeats a request for a run: the first request creates the run, and the others get the same one. A key
/// belongs to its actor and its thread, and lasts as long as its run.
/// </summary>
/// <param name="ThreadId">The thread of the request; null for a stateless run.</param>
/// <param name="Key">The key, as the client has chosen it.</param>
/// <param name="BodyHash">A hash of the request. A key can't be used for another request.</param>
public sealed record RequestKey(ThreadId? ThreadId, string Key, string BodyHash);
