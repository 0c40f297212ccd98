namespace Weft.Runs;

/// <summary>An event of a resumable run's stream as a store keeps it.</summary>
/// <param name="Seq">Its place in the run's log, from 0.</param>
/// <param name="Event">The name, such as <c>values</c> or <c>updates|sub:5f0c</c>.</param>
/// <param name="Data">The data in UTF-8 JSON.</param>
/// <param name="CreatedAt">When it was published.</param>
public sealed record StreamEventRecord(long Seq, string Event, ReadOnlyMemory<byte> Data, DateTimeOffset CreatedAt);
