using System.Security.Cryptography;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The state of a checkpoint as text. Stored <c>values</c> events are differences to such a text, so that a state is stored only
/// once, with its checkpoint, no matter how often a stream shows it.
/// </summary>
/// <param name="CheckpointId">The checkpoint, of the thread's root graph.</param>
/// <param name="Utf8">Its state in the form that streams show.</param>
internal sealed record StreamBase(string CheckpointId, byte[] Utf8)
{
    // Detects whether the text of the checkpoint has changed between the storing of an event and its replay.
    private const int HashBytes = 8;

    public static StreamBase Of(Checkpoint checkpoint) =>
        new(checkpoint.Id, GraphJson.Encode(checkpoint.Values, static (writer, values) => values.WriteTo(writer)));

    private byte[] Hash { get; } = SHA256.HashData(Utf8)[..HashBytes];

    /// <summary>Returns the stored form of a text.</summary>
    public ReadOnlyMemory<byte> DifferenceTo(ReadOnlySpan<byte> json) => (byte[])[.. Hash, .. TextDifference.Of(Utf8, json)];

    /// <summary>Returns the text of a stored form; null if the text of the checkpoint has changed.</summary>
    public byte[]? Restore(ReadOnlyMemory<byte> stored) =>
        stored.Span.StartsWith(Hash) ? TextDifference.Apply(Utf8, stored[HashBytes..]) : null;
}
