namespace Weft.Runs;

/// <summary>An event of a resumable run's stream as a store keeps it.</summary>
/// <param name="Seq">Its place in the run's log, from 0.</param>
/// <param name="Event">The kind of the event.</param>
/// <param name="Data">The data; with a <see cref="Base"/>, only the difference from the state there.</param>
/// <param name="CreatedAt">When it was published.</param>
public sealed record StreamEventRecord(long Seq, string Event, ReadOnlyMemory<byte> Data, DateTimeOffset CreatedAt)
{
    /// <summary>The checkpoint of the root graph whose state the data is a difference from; null means complete data.</summary>
    public CheckpointId? Base { get; init; }

    /// <summary>
    /// The version of the form of <see cref="Event"/> and <see cref="Data"/>. Null means name and JSON of an event of the first
    /// protocol, as earlier versions of the server stored them.
    /// </summary>
    public int? Format { get; init; }
}
