using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weft.Graphs;

/// <summary>An item of a list channel, and where it comes from.</summary>
/// <param name="Piece">Where a body has the item.</param>
/// <param name="Hash">What tells whether that body still has it, and whether others are the same.</param>
/// <param name="Ordinal">The first checkpoint that has it; 0 if it is unknown, because earlier ones were removed.</param>
/// <param name="Node">The node that wrote it; null if that is not known.</param>
internal readonly record struct ItemOrigin(StoredPiece Piece, UInt128 Hash, long Ordinal, string? Node)
{
    public static UInt128 HashOf(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
