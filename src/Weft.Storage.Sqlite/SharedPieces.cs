using System.Buffers.Binary;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Stores JSON without the pieces that another stored text contains.</summary>
/// <remarks>
/// A piece is encoded as three 32-bit integers: its offset in the JSON, its offset in the other text, and its length in
/// bytes.
/// </remarks>
internal static class SharedPieces
{
    private const int PieceBytes = 12;

    /// <summary>Removes the pieces from the JSON.</summary>
    public static (byte[] Left, byte[] Pieces) Take(ReadOnlySpan<byte> json, IReadOnlyList<SharedPiece> pieces) =>
        (Without(json, pieces), Encode(pieces));

    /// <summary>Inserts the pieces again.</summary>
    public static byte[] PutBack(ReadOnlySpan<byte> left, ReadOnlySpan<byte> pieces, ReadOnlySpan<byte> other)
    {
        var length = left.Length;
        for (var i = 0; i < pieces.Length; i += PieceBytes)
        {
            length += Decode(pieces[i..]).Length;
        }

        var json = new byte[length];
        var (taken, put) = (0, 0);
        for (var i = 0; i < pieces.Length; i += PieceBytes)
        {
            var piece = Decode(pieces[i..]);
            var between = piece.At - put;
            left.Slice(taken, between).CopyTo(json.AsSpan(put));
            other.Slice(piece.Start, piece.Length).CopyTo(json.AsSpan(piece.At));
            taken += between;
            put = piece.At + piece.Length;
        }

        left[taken..].CopyTo(json.AsSpan(put));
        return json;
    }

    private static byte[] Without(ReadOnlySpan<byte> json, IReadOnlyList<SharedPiece> pieces)
    {
        var left = new byte[json.Length - pieces.Sum(piece => piece.Length)];
        var (read, written) = (0, 0);
        foreach (var piece in pieces)
        {
            json[read..piece.At].CopyTo(left.AsSpan(written));
            written += piece.At - read;
            read = piece.At + piece.Length;
        }

        json[read..].CopyTo(left.AsSpan(written));
        return left;
    }

    private static byte[] Encode(IReadOnlyList<SharedPiece> pieces)
    {
        var encoded = new byte[pieces.Count * PieceBytes];
        for (var i = 0; i < pieces.Count; i++)
        {
            var place = encoded.AsSpan(i * PieceBytes);
            BinaryPrimitives.WriteInt32LittleEndian(place, pieces[i].At);
            BinaryPrimitives.WriteInt32LittleEndian(place[4..], pieces[i].Start);
            BinaryPrimitives.WriteInt32LittleEndian(place[8..], pieces[i].Length);
        }

        return encoded;
    }

    private static SharedPiece Decode(ReadOnlySpan<byte> piece) => new(
        BinaryPrimitives.ReadInt32LittleEndian(piece),
        BinaryPrimitives.ReadInt32LittleEndian(piece[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(piece[8..]));
}
