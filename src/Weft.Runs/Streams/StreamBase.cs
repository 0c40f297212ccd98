using System.Security.Cryptography;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The state of a checkpoint as text, which stored <c>values</c> events are differences to: a state is stored once, with its
/// checkpoint, however often a stream shows it.
/// </summary>
/// <param name="CheckpointId">The checkpoint, of the thread's root graph.</param>
/// <param name="Utf8">Its state as streams show it.</param>
internal sealed record StreamBase(string CheckpointId, byte[] Utf8)
{
    // Tells whether the checkpoint reads the same when the event is replayed as when it was stored.
    private const int HashBytes = 8;

    public static StreamBase Of(Checkpoint checkpoint) =>
        new(checkpoint.Id, GraphJson.Encode(checkpoint.Values, static (writer, values) => values.WriteTo(writer)));

    private byte[] Hash { get; } = SHA256.HashData(Utf8)[..HashBytes];

    /// <summary>What is stored for a text.</summary>
    public ReadOnlyMemory<byte> Take(ReadOnlySpan<byte> json) => (byte[])[.. Hash, .. TextDifference.Of(Utf8, json)];

    /// <summary>The text again; null when the checkpoint reads otherwise than it did.</summary>
    public byte[]? PutBack(ReadOnlyMemory<byte> stored) => stored.Span.StartsWith(Hash) ? TextDifference.Apply(Utf8, stored[HashBytes..]) : null;
}
