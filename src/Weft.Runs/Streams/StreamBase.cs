using System.Security.Cryptography;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The state of a checkpoint as text. The values of stored events refer to such a text, so that a state is stored only once, with
/// its checkpoint, no matter how often a stream shows it.
/// </summary>
/// <param name="CheckpointId">The checkpoint, of the thread's root graph.</param>
/// <param name="Utf8">Its state in the form that streams show.</param>
internal sealed record StreamBase(string CheckpointId, byte[] Utf8)
{
    // Detects whether the text of the checkpoint has changed between the storing of an event and its replay.
    private const int HashBytes = 8;

    public static StreamBase Of(Checkpoint checkpoint) =>
        new(checkpoint.Id, GraphJson.Encode(checkpoint.Values, static (writer, values) => values.WriteTo(writer)));

    /// <summary>Identifies the text.</summary>
    public byte[] Hash { get; } = SHA256.HashData(Utf8)[..HashBytes];

    /// <summary>
    /// Returns the text of the stored form of earlier versions; null if the text of the checkpoint has changed.
    /// </summary>
    public byte[]? Restore(ReadOnlyMemory<byte> stored) =>
        stored.Span.StartsWith(Hash) ? TextDifference.Apply(Utf8, stored[HashBytes..]) : null;
}
