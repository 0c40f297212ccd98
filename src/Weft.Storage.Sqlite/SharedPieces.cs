using System.Buffers.Binary;
using System.Text.Json;

namespace Weft.Storage.Sqlite;

/// <summary>Stores JSON without the long strings that another text has already: these stand there only.</summary>
/// <remarks>Pieces are triples of 32-bit integers: where the string belongs in the JSON, where it stands in the other text, and its bytes.</remarks>
internal static class SharedPieces
{
    // Under this a piece would cost what it saves.
    private const int PieceBytesMin = 64;

    // Each costs a look through all of the other text, on the writer's loop.
    private const int MissesMax = 4;

    private const int PieceBytes = 12;

    /// <summary>Takes out what the other text has too; null when that is nothing.</summary>
    public static (byte[] Left, byte[] Pieces)? Take(ReadOnlySpan<byte> json, ReadOnlySpan<byte> other)
    {
        var pieces = new List<(int To, int From, int Length)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var (from, misses) = (0, 0);
        while (misses < MissesMax && reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length < PieceBytesMin)
            {
                continue;
            }

            // They come in the same order.
            var at = other[from..].IndexOf(reader.ValueSpan);
            if (at < 0)
            {
                misses++;
                continue;
            }

            pieces.Add(((int)reader.TokenStartIndex + 1, from + at, reader.ValueSpan.Length));
            from += at + reader.ValueSpan.Length;
        }

        return pieces.Count == 0 ? null : (Without(json, pieces), Encode(pieces));
    }

    /// <summary>Puts them in again.</summary>
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
            var between = piece.To - put;
            left.Slice(taken, between).CopyTo(json.AsSpan(put));
            other.Slice(piece.From, piece.Length).CopyTo(json.AsSpan(piece.To));
            taken += between;
            put = piece.To + piece.Length;
        }

        left[taken..].CopyTo(json.AsSpan(put));
        return json;
    }

    private static byte[] Without(ReadOnlySpan<byte> json, List<(int To, int From, int Length)> pieces)
    {
        var left = new byte[json.Length - pieces.Sum(piece => piece.Length)];
        var (read, written) = (0, 0);
        foreach (var piece in pieces)
        {
            json[read..piece.To].CopyTo(left.AsSpan(written));
            written += piece.To - read;
            read = piece.To + piece.Length;
        }

        json[read..].CopyTo(left.AsSpan(written));
        return left;
    }

    private static byte[] Encode(List<(int To, int From, int Length)> pieces)
    {
        var encoded = new byte[pieces.Count * PieceBytes];
        for (var i = 0; i < pieces.Count; i++)
        {
            var place = encoded.AsSpan(i * PieceBytes);
            BinaryPrimitives.WriteInt32LittleEndian(place, pieces[i].To);
            BinaryPrimitives.WriteInt32LittleEndian(place[4..], pieces[i].From);
            BinaryPrimitives.WriteInt32LittleEndian(place[8..], pieces[i].Length);
        }

        return encoded;
    }

    private static (int To, int From, int Length) Decode(ReadOnlySpan<byte> piece) => (
        BinaryPrimitives.ReadInt32LittleEndian(piece),
        BinaryPrimitives.ReadInt32LittleEndian(piece[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(piece[8..]));
}
