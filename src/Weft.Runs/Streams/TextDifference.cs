using System.Text.Json;

namespace Weft.Runs;

/// <summary>
/// Stores a JSON text as its difference to another one, so of lists that have grown only the added items are stored: of texts that
/// differ in one place what is there, of others what differs in each member of the object. The restored text is equal to the byte.
/// </summary>
/// <remarks>
/// A difference is a sequence of four parts: a number of bytes, these bytes, the index of a part of the other text, the length of
/// that part. Numbers are 7-bit encoded.
/// </remarks>
internal static class TextDifference
{
    // Smaller copies cost about as much as they save.
    private const int CopyBytesMin = 16;

    // Up to this length, what is between a common start and a common end is stored as it is.
    private const int ChangedBytesUsual = 2_048;

    private const int BlockBytes = 64;

    /// <summary>Returns the difference from one text to another.</summary>
    public static byte[] Of(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        using var output = new MemoryStream();
        using var writer = new BinaryWriter(output);
        var written = 0;
        var head = from.CommonPrefixLength(to);
        var tail = CommonSuffixLength(from[head..], to[head..]);
        if (to.Length - head - tail <= ChangedBytesUsual)
        {
            // Mostly one list has grown. To compare texts costs far less than to find their members.
            Copy(writer, to, ref written, 0, 0, head);
            Copy(writer, to, ref written, to.Length - tail, from.Length - tail, tail);
        }
        else
        {
            CopyMembers(writer, from, to, ref written);
        }

        Copy(writer, to, ref written, to.Length, 0, 0, isLast: true);
        writer.Flush();
        return output.ToArray();
    }

    private static void CopyMembers(BinaryWriter writer, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ref int written)
    {
        var known = new Dictionary<string, (int Start, int End)>();
        foreach (var (name, start, end) in Members(from))
        {
            known[name] = (start, end);
        }

        foreach (var (name, start, end) in Members(to))
        {
            if (!known.TryGetValue(name, out var other))
            {
                continue;
            }

            var was = from[other.Start..other.End];
            var now = to[start..end];
            var head = was.CommonPrefixLength(now);
            var tail = CommonSuffixLength(was[head..], now[head..]);
            Copy(writer, to, ref written, start, other.Start, head);
            Copy(writer, to, ref written, end - tail, other.End - tail, tail);
        }
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

    private static void Copy(
        BinaryWriter writer, ReadOnlySpan<byte> to, ref int written, int at, int from, int length, bool isLast = false)
    {
        if (length < CopyBytesMin && !isLast)
        {
            return;
        }

        writer.Write7BitEncodedInt(at - written);
        writer.Write(to[written..at]);
        writer.Write7BitEncodedInt(from);
        writer.Write7BitEncodedInt(length);
        written = at + length;
    }

    private static int CommonSuffixLength(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
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

    /// <summary>Returns the positions of an object's members; none if the text is not an object.</summary>
    private static List<(string Name, int Start, int End)> Members(ReadOnlySpan<byte> json)
    {
        var members = new List<(string, int, int)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return members;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add((name, start, (int)reader.BytesConsumed));
        }

        return members;
    }
}
