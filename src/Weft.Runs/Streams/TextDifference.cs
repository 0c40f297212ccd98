namespace Weft.Runs;

/// <summary>Compares texts, and applies the differences that earlier versions stored.</summary>
/// <remarks>
/// Such a difference is a sequence of four parts: a number of bytes, these bytes, the index of a part of the other text, the length of
/// that part. Numbers are 7-bit encoded.
/// </remarks>
internal static class TextDifference
{
    private const int BlockBytes = 64;

    /// <summary>Returns how long the start and the end are that two texts have in common.</summary>
    public static (int Head, int Tail) FindCommon(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var head = from.CommonPrefixLength(to);
        return (head, CommonSuffixLength(from[head..], to[head..]));
    }

    /// <summary>Applies a difference to the text that it was made from, and returns the other text.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> from, ReadOnlyMemory<byte> difference)
    {
        using var output = new MemoryStream();
        using var reader = new BinaryReader(new MemoryStream(difference.ToArray()));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            output.Write(reader.ReadBytes(reader.Read7BitEncodedInt()));
            var start = reader.Read7BitEncodedInt();
            output.Write(from.Slice(start, reader.Read7BitEncodedInt()));
        }

        return output.ToArray();
    }

    /// <summary>Returns the length of the end that two texts have in common.</summary>
    public static int CommonSuffixLength(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var max = Math.Min(first.Length, second.Length);
        var length = 0;
        while (length + BlockBytes <= max
            && first[^(length + BlockBytes)..^length].SequenceEqual(second[^(length + BlockBytes)..^length]))
        {
            length += BlockBytes;
        }

        while (length < max && first[^(length + 1)] == second[^(length + 1)])
        {
            length++;
        }

        return length;
    }
}
